/**
 * The last way: the function itself, with what it uses.
 */
import { TravelError } from "../../core/errors.ts";
import {
  type AnyFunction,
  type FunctionHandle,
  functionHandle,
  functionName,
} from "../../core/function-handle.ts";
import { warn } from "../../core/warn.ts";
import type { Inspection } from "../../inspect/inspection.ts";
import { NoInspector } from "../../inspect/inspector.ts";
import { sourceOf } from "../reference.ts";
import { capture as captureFunction } from "./capture.ts";
import type { CaptureOptions, CaptureResult } from "./capture-result.ts";
import type { SharedVariables } from "./shared-variables.ts";

// What nobody would want to copy for each call without knowing.
const LARGE_BYTES = 1_000_000;

let constants = new WeakMap<AnyFunction, FunctionHandle>();

/** @throws TravelError naming what cannot travel. */
export function resolveByValue(fn: AnyFunction, inspection?: Inspection): FunctionHandle {
  const known = constants.get(fn);
  if (known !== undefined) return known;
  const captured = captureOf(fn, inspection && { inspection });
  warnOnce(fn, captured);
  const handle = valueHandle(fn, captured, captured.constant);
  if (captured.constant) constants.set(fn, handle);
  return handle;
}

/** What captures constants only shares nothing that changes. */
export function valueHandle(
  fn: AnyFunction,
  { capture, shared }: CaptureResult,
  isConstant: boolean,
): FunctionHandle {
  return functionHandle(fn, { kind: "value", capture }, !isConstant, isConstant ? undefined : shared);
}

/** @throws TravelError when functions of one call share something that one of them changes. */
export function refuseShared(one: FunctionHandle, other: FunctionHandle): void {
  const [uses, others] = [one.shared, other.shared] as [SharedVariables?, SharedVariables?];
  if (uses !== undefined && others !== undefined) others.refuseWith(uses);
}

/** They are captured anew: what they refer to is not there. */
export function forgetConstants(): void {
  constants = new WeakMap();
}

/** @throws TravelError */
export function captureOf(fn: AnyFunction, options?: CaptureOptions): CaptureResult {
  try {
    return captureFunction(fn, labelOf(fn), options);
  } catch (error) {
    if (error instanceof RangeError) {
      const why = "what it captures is nested too deeply. Pass it as an argument.";
      throw new TravelError("captured", labelOf(fn), why);
    }
    if (!(error instanceof NoInspector)) throw error;
    const why = `what it uses is known only to V8's inspector, and ${error.message}.`;
    throw new TravelError("no-inspector", labelOf(fn), why);
  }
}

/** About how many bytes travel. */
export function sizeOf(fn: AnyFunction, captured: CaptureResult["captured"]): number {
  // What captured functions capture is part of their bytes.
  const own = captured.filter(({ path }) => path.split(" → ").length === 2);
  return own.reduce((sum, { bytes }) => sum + bytes, sourceOf(fn).length);
}

function labelOf(fn: AnyFunction): string {
  return functionName(fn) || "the anonymous function";
}

const warned = new Set<string>();
// A program that makes ever new texts must not fill the memory with them.
const MOST_WARNED = 1_000;

/** Once for a function's source: a closure made anew for each call is the same to its author. */
export function warnOnce(
  fn: AnyFunction,
  { warnings, captured }: Pick<CaptureResult, "warnings" | "captured">,
): void {
  const bytes = sizeOf(fn, captured);
  if ((warnings.length === 0 && bytes <= LARGE_BYTES) || warned.size >= MOST_WARNED) return;
  const source = sourceOf(fn);
  if (warned.has(source)) return;
  warned.add(source);
  for (const text of warnings) warn("CAPTURE", `${text}.`);
  if (bytes <= LARGE_BYTES) return;
  const [largest] = [...captured].sort((a, b) => b.bytes - a.bytes);
  if (largest === undefined) return;
  const text = `${labelOf(fn)} captures ${bytes} bytes, most of them in ${largest.path}; they are copied for each call.`;
  warn("CAPTURE_SIZE", `${text} Pass them as an argument, by transfer() or in shared memory.`);
}
