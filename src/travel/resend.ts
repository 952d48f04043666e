/**
 * A worker could not find a function: by value, then. Remembered for the function, and for its module when it could not be
 * imported there.
 */
import type { CallOptions } from "../core/call-options.ts";
import { TravelError } from "../core/errors.ts";
import type { AnyFunction, FunctionHandle } from "../core/function-handle.ts";
import { warn } from "../core/warn.ts";
import { methodCallOf } from "./method-call.ts";
import { reconsider, refuseReference, resolve } from "./resolve.ts";
import * as refusal from "./refusal.ts";
import { becomeUnloadable } from "./unloadable.ts";
import { isByReference, refuseDecorated } from "./value/resolve-method-call.ts";

export interface Failure {
  readonly functionId: number;
  /** URL of the module that could not be imported there. */
  readonly module: string | undefined;
  readonly error: unknown;
}

/** A call, or an initializer, as it was sent. */
interface Sent {
  readonly handle: FunctionHandle;
  readonly args: readonly unknown[];
  readonly options: Pick<CallOptions, "travel">;
}

/** @throws what to reject the call with: why the function was not found, and why it cannot go by value. */
export function resendAs(sent: Sent, { functionId, module, error }: Failure): FunctionHandle {
  const { handle, options } = sent;
  if (options.travel === "reference") throw error;
  const isNew = module !== undefined && becomeUnloadable(module);
  const call = handle.id === functionId ? methodCallOf(handle.fn) : undefined;
  const isMethod = call !== undefined && isByReference(handle);
  // By value before, and not because of a module: captured again it would be the same. A module may be known through another
  // call by now; what is captured from here on does without it.
  if (isByValue(handle) && handle.id === functionId && module === undefined && !isMethod) throw error;
  if (call !== undefined) refuseDecorated(call);
  for (const fn of call === undefined ? sentAs(sent, functionId) : [call.plain]) {
    refuseReference(fn, error instanceof TravelError ? error : refusal.unloadable(fn, module ?? ""));
  }
  if (isNew) {
    reconsider();
    warnOfOwnError(module, error);
  }
  try {
    return resolve(handle.fn, options.travel);
  } catch (refused) {
    throw error instanceof TravelError ? refused : error;
  }
}

function isByValue({ reference }: FunctionHandle): boolean {
  return reference !== null && "kind" in reference && reference.kind === "value";
}

/** The called function, or one among its arguments. */
function sentAs({ handle, args }: Sent, functionId: number): AnyFunction[] {
  if (handle.id === functionId) return isByValue(handle) ? [] : [handle.fn];
  const functions = args.filter((argument) => typeof argument === "function") as AnyFunction[];
  return functions.filter((fn) => resolve(fn).id === functionId);
}

// What Node says of a module that cannot be loaded in this way, as test runners and bundlers make them.
const NOT_FOUND =
  /^ERR_(?:MODULE_NOT_FOUND|UNKNOWN_FILE_EXTENSION|UNSUPPORTED|PACKAGE_PATH|INVALID_TYPESCRIPT)/;

/** An error of the module's own would otherwise be hidden for good. */
function warnOfOwnError(module: string, error: unknown): void {
  const { code } = (error ?? {}) as { code?: unknown };
  if (NOT_FOUND.test(String(code)) || error instanceof SyntaxError) return;
  warn(
    "IMPORT",
    `${module} could not be imported in a worker, so its functions travel by value from now on: ${String(error)}`,
  );
}
