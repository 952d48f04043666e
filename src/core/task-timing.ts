/**
 * When a task was submitted, begun and settled. A task keeps whole nanoseconds since it was submitted: in V8 a number with a
 * fraction is an object of 16 bytes, which the collector copies twice for a call that waits, and a whole one below two seconds is none.
 */

/** When things happened, in epoch milliseconds, and how long they took. A field is there once it is known. */
export interface TaskTiming {
  readonly submittedAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** Time spent waiting for a worker. */
  readonly queuedMs?: number;
  /** Time the function ran, measured where it ran. */
  readonly runMs?: number;
}

/** A run that ended by itself, as its worker measured it. */
export interface RunEnd {
  readonly runMs: number;
  /** On the executor's clock, where somebody has just looked. */
  readonly now?: number;
}

export function toNs(ms: number): number {
  return Math.round(ms * 1e6);
}

function toMs(ns: number): number {
  return ns / 1e6;
}

export function timingOf(
  submittedAt: number,
  waitedNs: number | undefined,
  endedNs: number | undefined,
  ranNs: number | undefined,
): TaskTiming {
  return Object.freeze({
    submittedAt,
    ...(waitedNs !== undefined && { startedAt: submittedAt + toMs(waitedNs), queuedMs: toMs(waitedNs) }),
    ...(endedNs !== undefined && { endedAt: submittedAt + toMs(endedNs) }),
    ...(ranNs !== undefined && { runMs: toMs(ranNs) }),
  });
}
