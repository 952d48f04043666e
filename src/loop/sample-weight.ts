/**
 * The time that a sample stands for: since the one before it, or of the first, since it was asked for. No more than the turn has
 * been busy: on a busy machine a sample may be asked for before the turn began that answers it.
 *
 * All instants are times that the turn had been busy, `waitedMs` is how long the sample had to wait for its answer.
 */
export function sampleWeight(
  busyMs: number,
  lastBusyMs: number | undefined,
  waitedMs: number,
  sampleMs: number,
): number {
  const since = lastBusyMs ?? Math.max(0, busyMs - Math.max(waitedMs, sampleMs));
  // A sample says something, however short the time.
  return Math.max(0.1, busyMs - since);
}
