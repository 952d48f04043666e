/**
 * When a call is run again, and after which pause.
 */
import type { Check, Wrong } from "./check-options.ts";

/** How a run failed. `thrown`: the function itself. */
export type FailureKind = "crash" | "timeout" | "thrown";

/** A call that is run again when its run failed. It should do no harm to run it twice. */
export interface RetryOptions {
  /** The most runs in all, the first one included. */
  attempts: number;
  /**
   * After which failures: of its worker (`"crash"`), of its `timeoutMs` (`"timeout"`), or those that a function of the error says yes to,
   * whatever failed. `"crash"` unless set: what the function throws itself, it would most likely throw again.
   */
  on?: "crash" | ("crash" | "timeout" | ((error: unknown) => boolean))[];
  /**
   * The pause before each further run, in milliseconds: `initialMs`, times `factor` each time, at the most `maxMs`, which is no less; up to the part `jitter`
   * (0 to 1) of it is left out at random, so that many do not come back together. 100 ms, doubling to 10 s, with a jitter of 0.5 unless set.
   */
  backoff?: { initialMs: number; maxMs: number; factor: number; jitter: number };
}

// AWS, "Exponential backoff and jitter": some jitter is what counts; half of it keeps a pause that can be told in advance.
const BACKOFF = { initialMs: 100, maxMs: 10_000, factor: 2, jitter: 0.5 };

/** The pause after so many runs. `random`: from 0 to 1. */
export function retryDelayMs({ backoff = BACKOFF }: RetryOptions, runs: number, random: number): number {
  const { initialMs, maxMs, factor, jitter } = backoff;
  // Not Infinity: a pause of nothing would become no number.
  const growth = Math.min(factor ** (runs - 1), Number.MAX_VALUE);
  return Math.min(maxMs, initialMs * growth) * (1 - jitter * random);
}

/** @throws what the user's function throws */
export function isRetriedOn({ on = "crash" }: RetryOptions, kind: FailureKind, error: unknown): boolean {
  if (on === "crash") return kind === "crash";
  return on.some((reason) => (typeof reason === "function" ? reason(error) : reason === kind));
}

const BACKOFF_BOUNDS = {
  initialMs: { least: 0, most: Infinity },
  maxMs: { least: 0, most: Infinity },
  factor: { least: 1, most: Infinity },
  jitter: { least: 0, most: 1 },
};

export const retry: Check = (value) => {
  if (!isRecord(value)) return type("an object");
  const unknown = Object.keys(value).find((key) => !["attempts", "on", "backoff"].includes(key));
  if (unknown !== undefined) return type(`made of attempts, on and backoff, without ${unknown}`);
  const { attempts, on = "crash", backoff } = value;
  if (typeof attempts !== "number") return type("an object with the number of attempts");
  if (!Number.isInteger(attempts) || attempts < 1) {
    return { kind: "range", expected: "an object whose attempts are a whole number, at least 1" };
  }
  const isList = Array.isArray(on) && on.every(isReason);
  if (on !== "crash" && !isList) {
    return type('an object whose on is "crash" or a list of "crash", "timeout" and functions');
  }
  return backoff === undefined ? undefined : checkBackoff(backoff);
};

function checkBackoff(backoff: unknown): Wrong | undefined {
  const keys = Object.keys(BACKOFF_BOUNDS) as (keyof typeof BACKOFF_BOUNDS)[];
  if (!isRecord(backoff) || Object.keys(backoff).some((key) => !(key in BACKOFF_BOUNDS))) {
    return type(`an object whose backoff is made of ${keys.join(", ")}`);
  }
  for (const key of keys) {
    const { least, most } = BACKOFF_BOUNDS[key];
    const given = backoff[key];
    if (typeof given !== "number") return type(`an object whose backoff.${key} is a number`);
    if (!(given >= least && given <= most)) {
      const bound = most === Infinity ? `at least ${least}` : `from ${least} to ${most}`;
      return { kind: "range", expected: `an object whose backoff.${key} is ${bound}` };
    }
  }
  const { initialMs, maxMs } = backoff as { initialMs: number; maxMs: number };
  return maxMs >= initialMs ? undefined : { kind: "range", expected: atLeastInitial(initialMs, maxMs) };
}

/** Else `initialMs` and `factor` would be silently ignored. */
function atLeastInitial(initialMs: number, maxMs: number): string {
  return `an object whose backoff.maxMs is at least its initialMs, ${initialMs} (milliseconds), and not ${maxMs}`;
}

function isReason(value: unknown): boolean {
  return value === "crash" || value === "timeout" || typeof value === "function";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function type(expected: string): Wrong {
  return { kind: "type", expected };
}
