/**
 * From stalls to what to move: by culprit, the most expensive first.
 */
import type { StackFrame } from "../core/errors.ts";
import { ANONYMOUS } from "../inspect/frames.ts";
import type { Culprit, Stall } from "./stall.ts";

export interface Advice {
  culprit: StackFrame;
  /** Stalls in which it was the culprit. */
  count: number;
  /** Their time, by its part of the samples. */
  blockedMs: number;
  /** Of their durations. */
  p99Ms: number;
  /** The line to write. */
  line: string;
  /**
   * What would stay on the loop: copying the arguments and the result. Undefined, because it is told only where it was measured,
   * and it cannot be without stopping the program: docs/loop-monitor.md says what was tried, and how to measure it yourself.
   */
  staysMs: number | undefined;
}

interface Entry {
  readonly culprit: StackFrame;
  count: number;
  blockedMs: number;
  readonly durations: number[];
}

/** In words, as every report has it. */
export function timesOf({ count, blockedMs, p99Ms }: Advice): string {
  const stalls = count === 1 ? "1 stall" : `${count} stalls`;
  return `${Math.round(blockedMs)} ms in ${stalls}, p99 ${Math.round(p99Ms)} ms`;
}

/** Durations of a culprit that are kept, the newest: for its p99. */
const MOST_DURATIONS = 1_000;
/** A program has a handful of culprits; code that is made anew for each call would have one each. */
const MOST_CULPRITS = 1_000;

export class AdviceBook {
  readonly #entries = new Map<string, Entry>();

  add({ kind, culprit, durationMs }: Stall): void {
    if (kind !== "loop" || culprit === undefined) return;
    const entry = this.#entry(culprit);
    if (entry === undefined) return;
    entry.count++;
    entry.blockedMs += durationMs * culprit.share;
    entry.durations.push(durationMs);
    if (entry.durations.length > MOST_DURATIONS) entry.durations.shift();
  }

  list(): Advice[] {
    return [...this.#entries.values()]
      .toSorted((a, b) => b.blockedMs - a.blockedMs)
      .map(({ culprit, count, blockedMs, durations }) => ({
        culprit: { ...culprit },
        count,
        blockedMs,
        p99Ms: percentile99(durations),
        line: lineFor(culprit),
        staysMs: undefined,
      }));
  }

  /** The line of a function differs from stall to stall, so it is known by its name and its file; one without a name by its line. */
  #entry({ function: name, file, line, column }: Culprit): Entry | undefined {
    const key = name === ANONYMOUS ? `${file}:${line}` : `${name}\n${file}`;
    let entry = this.#entries.get(key);
    if (entry === undefined && this.#entries.size < MOST_CULPRITS) {
      entry = { culprit: { function: name, file, line, column }, count: 0, blockedMs: 0, durations: [] };
      this.#entries.set(key, entry);
    }
    return entry;
  }
}

function lineFor({ function: name, file, line }: StackFrame): string {
  const ownName = name.split(".").at(-1)!;
  if (/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(ownName)) {
    return `export const ${ownName} = threaded(function ${ownName}(…) { … });`;
  }
  return `export const heavy = threaded(function heavy(…) { … }); // with what is at ${file}:${line}`;
}

function percentile99(durations: readonly number[]): number {
  const sorted = durations.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0;
}
