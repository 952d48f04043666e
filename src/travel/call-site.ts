/**
 * Where `threaded()` was called, read from V8's structured call sites: these are raw positions, the same in every thread
 * and not touched by source-map support.
 */
import { findSourceMap } from "node:module";
import { isAbsolute } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export interface CallSite {
  /** The URL of the module. */
  readonly module: string;
  /** `line:column` in the code that V8 runs. */
  readonly position: string;
  /** `line:column` in the file that was written, when the code that runs was made from it and someone knows how. */
  readonly source: () => string | undefined;
}

/** V8 has these on every supported Node; the types of Node 20 do not. */
export type Frame = NodeJS.CallSite & {
  getEnclosingLineNumber(): number | null;
  getEnclosingColumnNumber(): number | null;
};

type PrepareStackTrace = NonNullable<typeof Error.prepareStackTrace>;

/**
 * The call site of `callee`'s caller if that is the top level of a module, else undefined: in a function, a loop body
 * apart, the same position is reached with different captured values, and a worker could not tell which one was meant.
 */
export function topLevelCallSite(callee: (...args: never[]) => unknown): CallSite | undefined {
  const { frames, prepare } = callersOf(callee, 1);
  const [frame] = frames;
  const module = frame && moduleOf(frame);
  if (frame === undefined || module === undefined || !isTopLevel(frame)) return undefined;
  const source = (): string | undefined => sourcePosition(frame, frame.getFileName()!, prepare);
  return { module, position: positionOf(frame), source };
}

/** URL of the file that its code is in, if it has one. */
export function moduleOf(frame: Frame): string | undefined {
  const file = frame.getFileName();
  if (file == null || frame.getLineNumber() == null) return undefined;
  const module = isAbsolute(file) ? pathToFileURL(file).href : file;
  return isFileUrl(module) ? module : undefined;
}

/** `line:column` */
export function positionOf(frame: Frame): string {
  return `${frame.getLineNumber()}:${frame.getColumnNumber()}`;
}

/** Not so: code without a file, also where someone made up a URL for it, as Node does for `--input-type=module -e …`. */
export function isFileUrl(url: string): boolean {
  if (!url.startsWith("file:") || /\/\[(?:eval\d*|stdin)\]$/.test(url)) return false;
  try {
    return fileURLToPath(url) !== "";
  } catch {
    return false;
  }
}

/** The innermost `most` frames below `callee`; none where call sites cannot be read. */
export function callersOf(
  callee: (...args: never[]) => unknown,
  most: number,
): { readonly frames: readonly Frame[]; readonly prepare?: PrepareStackTrace } {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.prepareStackTrace = (_error, frames) => frames;
    Error.stackTraceLimit = most;
    Error.captureStackTrace(holder, callee);
    return { frames: holder.stack as Frame[], ...(prepareStackTrace && { prepare: prepareStackTrace }) };
  } catch {
    // --frozen-intrinsics: read-only. The function then travels as one that was never wrapped.
    return { frames: [] };
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
export function isTopLevel(frame: Frame): boolean {
  const column = frame.getEnclosingColumnNumber();
  return (
    frame.getFunctionName() === null &&
    frame.getEnclosingLineNumber() === 1 &&
    (column === 1 || column === null) &&
    !frame.isEval()
  );
}

/**
 * Test runners, dev servers and source-map-support install a formatter that maps positions; tsx and `--enable-source-maps`
 * give Node the source map.
 */
function sourcePosition(frame: Frame, file: string, prepare?: PrepareStackTrace): string | undefined {
  try {
    const stack: unknown = prepare?.(new Error("where"), [frame]);
    const mapped = typeof stack === "string" ? /:(\d+:\d+)\)?\s*$/.exec(stack)?.[1] : undefined;
    if (mapped !== undefined) return mapped;
    const entry = findSourceMap(file)?.findEntry(frame.getLineNumber()! - 1, frame.getColumnNumber()! - 1);
    return entry !== undefined && "originalLine" in entry
      ? `${entry.originalLine + 1}:${entry.originalColumn + 1}`
      : undefined;
  } catch {
    // Somebody else's formatter, given a frame without its error.
    return undefined;
  }
}
