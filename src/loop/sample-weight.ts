/**
 * The time that a sample stands for: since the one before it, or of the first, since it was asked for. No more than the turn has
 * been busy: on a busy machine a sample may be asked for before the turn began that answers it.
 *
 * All instants are times that the turn had been busy, `waitedMs` is how long the sample had to wait for its answer.
 */
export function sampleSpan(
  busyMs: number,
  lastBusyMs: number | undefined,
  waitedMs: number,
  sampleMs: number,
): number {
  const since = lastBusyMs ?? Math.max(0, busyMs - Math.max(waitedMs, sampleMs));
  return Math.max(LEAST_MS, busyMs - since);
}

/** Without the time in which the thread had no CPU: on a busy machine that says nothing of the function where it happened. */
export function sampleWeight(spanMs: number, cpuWaitMs: number): number {
  return Math.max(LEAST_MS, spanMs - cpuWaitMs);
}

/** A sample says something, however short the time. */
const LEAST_MS = 0.1;
