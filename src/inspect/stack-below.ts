/**
 * The stack of the call that asks, read from V8 so that the program does not notice: its own `Error.prepareStackTrace` is not
 * called, and is as before afterwards.
 */
import { fileURLToPath } from "node:url";
import { ANONYMOUS, type RawFrame } from "./frames.ts";

const MOST_FRAMES = 60;

/** The frames that called `top`, innermost first, without the first `skipped`. */
export function stackBelow(top: (...args: never[]) => unknown, skipped = 0): RawFrame[] {
  const { stackTraceLimit, prepareStackTrace } = Error;
  try {
    Error.stackTraceLimit = MOST_FRAMES;
    Error.prepareStackTrace = (_error, sites) => sites;
    const holder = {} as { stack: NodeJS.CallSite[] };
    Error.captureStackTrace(holder, top);
    const sites = holder.stack;
    return sites.slice(skipped).map((site) => rawFrame(site));
  } catch {
    // The program froze Error: no stack then.
    return [];
  } finally {
    restore(stackTraceLimit, prepareStackTrace);
  }
}

function restore(limit: number, prepare: typeof Error.prepareStackTrace): void {
  try {
    Error.stackTraceLimit = limit;
    Error.prepareStackTrace = prepare;
  } catch {
    // Frozen: it never changed.
  }
}

function rawFrame(site: NodeJS.CallSite): RawFrame {
  // Newer than the types of the oldest Node that is supported.
  const places = site as unknown as Record<string, (() => number | boolean | null) | undefined>;
  const isAsync = places["isAsync"]?.() === true;
  return [
    `${isAsync ? "async " : ""}${site.getFunctionName() ?? ANONYMOUS}`,
    fileOf(site),
    site.getLineNumber() ?? 0,
    site.getColumnNumber() ?? 0,
    (places["getEnclosingLineNumber"]?.() as number | null | undefined) ?? 0,
    (places["getEnclosingColumnNumber"]?.() as number | null | undefined) ?? 0,
    isAsync,
  ];
}

function fileOf(site: NodeJS.CallSite): string {
  const name = site.getFileName() ?? "";
  if (!name.startsWith("file:")) return name;
  try {
    // Without the query that loaders and test runners append.
    return fileURLToPath(name.replace(/[?#].*$/, ""));
  } catch {
    return name;
  }
}
