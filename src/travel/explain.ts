/**
 * Which way a function takes, asked by its developer.
 */
import { TravelError } from "../core/errors.ts";
import type { AnyFunction } from "../core/function-handle.ts";
import type { FunctionReference } from "./reference.ts";
import { reasonOf } from "./refusal.ts";
import { resolve } from "./resolve.ts";
import { plainFunction } from "./threaded-mark.ts";
import type { CapturedVariable } from "./value/capture-result.ts";
import { captureOf, sizeOf } from "./value/resolve-by-value.ts";

/** What {@link explainTravel} found. */
export interface TravelExplanation {
  /**
   * - `"registered"`: wrapped by `threaded()` at the top level of `module`, which the worker imports.
   * - `"exported"`: exported by `module`, which the worker imports.
   * - `"builtin"`: of the language or of Node; each worker has its own.
   * - `"value"`: its source travels, with what it captures.
   * - `"none"`: it is refused; `error` is what a call rejects with.
   */
  readonly way: "registered" | "exported" | "builtin" | "value" | "none";
  /** Why this way and not an earlier one, in a sentence. */
  readonly reason: string;
  /** URL of the module that a worker imports. */
  readonly module?: string;
  /** What travels along with each call, empty by reference. */
  readonly captured: readonly CapturedVariable[];
  /** About how many bytes that is, source texts included. */
  readonly bytes: number;
  /** Changes that stay in the worker, as the warnings say them. */
  readonly warnings: readonly string[];
  readonly error?: TravelError;
}

const NOTHING = { captured: [], bytes: 0, warnings: [] } as const;

/**
 * Says how a function would get to a worker now: which way, why, and what it would take along. Nothing is sent or run.
 *
 * A worker may still not find what this side expects to be there, an export that only exists here for instance; the function
 * then travels by value, and a later call of `explainTravel` says so. May take 100 ms in a large program, see docs/travel.md.
 *
 * @throws TypeError for something that is not a function.
 * @example
 * ```js
 * import { explainTravel } from "offloop";
 *
 * const rows = [3, 1, 2];
 * const { way, captured } = explainTravel(() => rows.toSorted());
 * console.log(way, captured[0].path); // => value the anonymous function → rows
 * console.log(explainTravel(JSON.parse).way); // => builtin
 * ```
 */
export function explainTravel(fn: (...args: never[]) => unknown): TravelExplanation {
  if (typeof fn !== "function") throw new TypeError(`explainTravel: fn must be a function, got ${typeof fn}`);
  const plain = plainFunction(fn) ?? fn;
  try {
    const reference = resolve(plain).reference as FunctionReference;
    return reference.kind === "value" ? byValue(plain) : { ...byReference(reference), ...NOTHING };
  } catch (error) {
    if (!(error instanceof TravelError)) throw error;
    return { way: "none", reason: error.message, ...NOTHING, error };
  }
}

function byReference(
  reference: Exclude<FunctionReference, { kind: "value" }>,
): Pick<TravelExplanation, "way" | "reason" | "module"> {
  switch (reference.kind) {
    case "builtin": {
      const name = [reference.module, ...reference.path].filter(Boolean).join(".");
      return { way: "builtin", reason: `It is ${name}, and each worker has its own.` };
    }
    case "registered": {
      const { module, position } = reference;
      const reason = `It is wrapped at the top level of its module (${module}:${position}), which a worker imports.`;
      return { way: "registered", reason, module };
    }
    case "decorated": {
      const { module, position } = reference;
      const reason = `It is decorated at the top level of its module (${module}:${position}), which a worker imports; what it is called on is copied.`;
      return { way: "registered", reason, module };
    }
    case "exported": {
      const { module } = reference;
      return {
        way: "exported",
        reason: `A worker imports ${module} and looks for it among the exports.`,
        module,
      };
    }
  }
}

function byValue(fn: AnyFunction): TravelExplanation {
  const { captured, warnings, constant } = captureOf(fn);
  const cached = constant ? "once: nothing of it can change" : "anew for each call";
  return {
    way: "value",
    reason: `${whyNotByReference(fn)} It is captured ${cached}.`,
    captured,
    bytes: sizeOf(fn, captured),
    warnings,
  };
}

function whyNotByReference(fn: AnyFunction): string {
  try {
    resolve(fn, "reference");
    return "A worker did not find it.";
  } catch (error) {
    if (error instanceof TravelError) return `Not by reference: ${reasonOf(error)}`;
    throw error;
  }
}
