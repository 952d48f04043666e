/**
 * Where `threaded()` was called, read from V8's structured call sites: these are raw positions, the same in every thread
 * and not touched by source-map support.
 */
import { pathToFileURL } from "node:url";

export interface CallSite {
  /** The URL of the module. */
  readonly module: string;
  /** `line:column`. */
  readonly position: string;
}

/** V8 has these on every supported Node; the types of Node 20 do not. */
type Frame = NodeJS.CallSite & {
  getEnclosingLineNumber(): number | null;
  getEnclosingColumnNumber(): number | null;
};

/**
 * The call site of `callee`'s caller if that is the top level of a module, else undefined: in a function, a loop body
 * apart, the same position is reached with different captured values, and a worker could not tell which one was meant.
 */
export function topLevelCallSite(callee: (...args: never[]) => unknown): CallSite | undefined {
  const frame = callerOf(callee);
  const file = frame?.getFileName();
  const line = frame?.getLineNumber();
  if (frame == null || file == null || line == null || !isTopLevel(frame)) return undefined;
  const module = file.startsWith("/") || /^[A-Za-z]:[\\/]/.test(file) ? pathToFileURL(file).href : file;
  return module.startsWith("file:") ? { module, position: `${line}:${frame.getColumnNumber()}` } : undefined;
}

function callerOf(callee: (...args: never[]) => unknown): Frame | undefined {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.prepareStackTrace = (_error, frames) => frames;
    Error.stackTraceLimit = 1;
    Error.captureStackTrace(holder, callee);
    return (holder.stack as Frame[])[0];
  } catch {
    // --frozen-intrinsics: read-only. The function then travels as one that was never wrapped.
    return undefined;
  } finally {
    try {
      Error.prepareStackTrace = prepareStackTrace;
      Error.stackTraceLimit = stackTraceLimit;
    } catch {
      // As above: nothing was changed.
    }
  }
}

/**
 * The code of a module is a nameless function from the first character of its file on. Seen for ESM, CommonJS, after a
 * top-level await, in bundles, under tsx and vitest (where the column is null), on Node 20 to 26.
 */
function isTopLevel(frame: Frame): boolean {
  const column = frame.getEnclosingColumnNumber();
  return (
    frame.getFunctionName() === null &&
    frame.getEnclosingLineNumber() === 1 &&
    (column === 1 || column === null)
  );
}
