/**
 * How a function gets to a worker: by reference where that is certain to find the same function, else by value, with what it
 * captures. Runs on the caller's side, once per function; what may change in a captured function is read for each call.
 *
 * The last word is a {@link TravelError} that says why no way was open.
 */
import type { CallOptions } from "../core/call-options.ts";
import { TravelError } from "../core/errors.ts";
import { type AnyFunction, type FunctionHandle, functionHandle } from "../core/function-handle.ts";
import { Inspection } from "../inspect/inspection.ts";
import { findReference } from "./find-reference.ts";
import { methodCallOf } from "./method-call.ts";
import * as refusal from "./refusal.ts";
import { plainFunction } from "./threaded-mark.ts";
import { isUnloadable } from "./unloadable.ts";
import { forgetConstants, refuseShared, resolveByValue } from "./value/resolve-by-value.ts";
import { resolveMethodCall } from "./value/resolve-method-call.ts";

/** How a function goes that takes whichever way is open, for good. */
let settled = new WeakMap<AnyFunction, FunctionHandle>();
const byReference = new WeakMap<AnyFunction, FunctionHandle>();
/** By reference there is no way: why. */
const refusals = new WeakMap<AnyFunction, TravelError>();

type Travel = NonNullable<CallOptions["travel"]>;

/**
 * `others`: those of the same call, when it is among its arguments.
 *
 * @throws {@link TravelError} when it cannot reach a worker in any way, or not in the one that is wanted.
 */
export function resolve(
  given: AnyFunction,
  travel: Travel = "auto",
  others: readonly FunctionHandle[] = [],
): FunctionHandle {
  const handle = resolved(given, travel);
  for (const other of others) refuseShared(other, handle);
  return handle;
}

function resolved(given: AnyFunction, travel: Travel): FunctionHandle {
  const known = travel === "auto" ? settled.get(given) : undefined;
  if (known !== undefined) return known;
  const call = methodCallOf(given);
  if (call !== undefined) return settle(given, resolveMethodCall(given, call, travel), travel);
  const fn = plainFunction(given) ?? given;
  if (typeof (fn as { then?: unknown }).then === "function") throw refusal.thenable(fn);
  if (travel === "value") return resolveByValue(fn);
  if (travel === "reference") return resolveByReference(fn);
  return settle(given, resolveEitherWay(fn), travel);
}

function settle(fn: AnyFunction, handle: FunctionHandle, travel: Travel): FunctionHandle {
  if (travel === "auto" && !handle.once) settled.set(fn, handle);
  return handle;
}

function resolveEitherWay(fn: AnyFunction): FunctionHandle {
  const inspection = new Inspection();
  let refused = refusals.get(fn);
  try {
    const handle = refused === undefined ? resolveByReference(fn, inspection) : undefined;
    const module = handle && moduleOf(handle);
    if (handle !== undefined && !isUnloadable(module)) return handle;
    refused ??= refusal.unloadable(fn, module ?? "");
  } catch (error) {
    if (!(error instanceof TravelError)) throw error;
    refusals.set(fn, (refused = error));
  }
  return instead(fn, refused, inspection);
}

/** From now on, because a worker could not find it. */
export function refuseReference(fn: AnyFunction, error: TravelError): void {
  refusals.set(fn, error);
  reconsider();
}

/** What was settled may refer to a module that turned out to be unloadable. */
export function reconsider(): void {
  settled = new WeakMap();
  forgetConstants();
}

function resolveByReference(fn: AnyFunction, inspection = new Inspection()): FunctionHandle {
  const known = byReference.get(fn);
  if (known !== undefined) return known;
  const handle = functionHandle(fn, findReference(fn, inspection));
  byReference.set(fn, handle);
  return handle;
}

function moduleOf({ reference }: FunctionHandle): string | undefined {
  return (reference as { module?: string }).module;
}

/** What can be read of both is told, because either may be what its author wants to change. */
function instead(fn: AnyFunction, refused: TravelError, inspection: Inspection): FunctionHandle {
  try {
    return resolveByValue(fn, inspection);
  } catch (error) {
    if (!(error instanceof TravelError)) throw error;
    throw refusal.bothWays(refused, error);
  }
}
