/**
 * A stall as a person reads it.
 */
import path from "node:path";
import { inspect } from "node:util";
import type { StackFrame } from "../core/errors.ts";
import type { Stall } from "./stall.ts";

/** Frames shown; the rest is counted. */
const MOST_LINES = 12;
/** A line in that part of the samples is marked. */
const HOT = 0.5;
/** Of a context. */
const MOST_CHARACTERS = 100;
const SHOWN = { depth: 1, maxArrayLength: 10, maxStringLength: MOST_CHARACTERS, breakLength: Infinity };

/**
 * One line that names the stall, then its stack, innermost first. Lines marked with `>` were in at least half of the samples; the
 * part of the samples stands behind them. Files are given relative to the working directory. What `context()` gave may be any value: a
 * string stands as it is, anything else as `util.inspect` shows it, cut to 100 characters.
 *
 * @example
 * ```js
 * import { formatStall } from "offloop";
 *
 * const parse = { function: "parse", file: "/app/parse.js", line: 12, column: 3 };
 * const stall = {
 *   kind: "loop",
 *   threadId: 0,
 *   startedAt: Date.now(),
 *   durationMs: 312,
 *   cause: "sync-js",
 *   gcMs: 0,
 *   samples: 20,
 *   culprit: { ...parse, share: 0.9 },
 *   stack: [parse],
 *   hot: [{ frame: parse, self: 18, total: 18 }],
 *   contexts: [{ value: "GET /slow", samples: 20 }],
 * };
 * console.log(formatStall(stall));
 * // => event loop blocked for 312 ms by parse (/app/parse.js:12:3): sync-js, in GET /slow
 * // =>   > parse (/app/parse.js:12:3)  90 %
 * ```
 */
export function formatStall(stall: Stall, { isLasting = false }: { isLasting?: boolean } = {}): string {
  const { kind, durationMs, stack, hot, samples, threadId, culprit } = stall;
  const duration = `${durationMs >= 10 ? Math.round(durationMs) : durationMs.toFixed(1)} ms`;
  if (kind === "threadpool") {
    const size = process.env["UV_THREADPOOL_SIZE"] ?? "4, the default";
    return (
      `thread pool saturated: a job waited ${duration} for one of its threads (UV_THREADPOOL_SIZE is ${size}). ` +
      "fs, dns.lookup, crypto and zlib share them: raise it, or send fewer jobs at once."
    );
  }
  const where = threadId === 0 ? "event loop" : `event loop of worker ${threadId}`;
  const title = `${where} ${isLasting ? "still blocked after" : "blocked for"} ${duration}${byCulprit(stall)}${detailsOf(stall)}`;
  const lines = stack.slice(0, MOST_LINES).map((frame) => {
    const seen = hot.find((one) => isSameLine(one.frame, frame));
    const share = seen === undefined || samples === 0 ? 0 : seen.total / samples;
    const mark = share >= HOT || (culprit !== undefined && isSameLine(culprit, frame)) ? ">" : " ";
    return `  ${mark} ${placeOf(frame)}${share > 0 ? `  ${percent(share)}` : ""}`;
  });
  if (stack.length > MOST_LINES) lines.push(`    … ${stack.length - MOST_LINES} more`);
  return [title, ...lines].join("\n");
}

function byCulprit({ culprit, syncCall }: Stall): string {
  if (culprit === undefined) return syncCall === undefined ? "" : ` in ${syncCall}`;
  const call = culprit.nativeCall === undefined ? "" : ` in ${culprit.nativeCall}`;
  return ` by ${placeOf(culprit)}${call}`;
}

function detailsOf({ cause, cpuMs, durationMs, gcMs, contexts }: Stall): string {
  const cpu = cpuMs === undefined ? "" : `, ${percent(cpuMs / durationMs)} CPU`;
  const gc = gcMs >= durationMs * 0.1 ? `, ${percent(gcMs / durationMs)} garbage collection` : "";
  const context = contexts[0] === undefined ? "" : `, in ${textOf(contexts[0].value)}`;
  return `: ${cause}${cpu}${gc}${context}`;
}

function placeOf({ function: name, file, line, column }: StackFrame): string {
  return file === "" ? name : `${name} (${relativePath(file)}:${line}:${column})`;
}

function relativePath(file: string): string {
  const relative = path.isAbsolute(file) ? path.relative(process.cwd(), file) : file;
  return relative.startsWith("..") ? file : relative;
}

function isSameLine(a: StackFrame, b: StackFrame): boolean {
  return a.function === b.function && a.file === b.file && a.line === b.line;
}

function percent(part: number): string {
  return `${Math.min(100, Math.round(part * 100))} %`;
}

/** A program's own value, on one line. Its getters, `toStringTag` and the like may throw, on the stack of whoever asks for the text. */
function textOf(value: unknown): string {
  const whole = typeof value === "string" ? value : inspected(value);
  // Cut first: of a long text only the beginning may be looked at.
  const line = whole.slice(0, MOST_CHARACTERS).replaceAll(/[\r\n]\s*/g, " ");
  return whole.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS - 1)}…` : line;
}

function inspected(value: unknown): string {
  try {
    return inspect(value, SHOWN);
  } catch {
    return typeof value === "function" ? "a function" : "an object that cannot be shown";
  }
}
