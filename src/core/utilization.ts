/**
 * How busy the workers were in the last 10 seconds, from the run times of tasks that ended in them and of those that still
 * run. A bucket holds a second; of the oldest one, the part that is still within the 10 seconds counts.
 */
const BUCKET_MS = 1_000;
const WINDOW_MS = 10_000;
/** One more than the window holds, because it seldom begins with a bucket. */
const BUCKETS = WINDOW_MS / BUCKET_MS + 1;

export class ActiveTime {
  readonly #bornAt: number;
  readonly #active = new Float64Array(BUCKETS);
  /** Which second each bucket holds. */
  readonly #second = new Float64Array(BUCKETS).fill(-1);

  constructor(now: number) {
    this.#bornAt = now;
  }

  /** A task ran from `now - ms` to `now`: each second gets its part. */
  add(ms: number, now: number): void {
    let end = now;
    const start = Math.max(now - ms, now - WINDOW_MS);
    while (end > start) {
      const second = Math.ceil(end / BUCKET_MS) - 1;
      const from = Math.max(start, second * BUCKET_MS);
      const slot = ((second % BUCKETS) + BUCKETS) % BUCKETS;
      if (this.#second[slot]! < second) {
        this.#second[slot] = second;
        this.#active[slot] = 0;
      }
      if (this.#second[slot] === second) this.#active[slot]! += end - from;
      end = from;
    }
  }

  /** 0 to 1. `runningSince`: when the tasks began that have not ended yet. */
  utilization(now: number, workers: number, runningSince: Iterable<number>): number {
    const oldest = now - WINDOW_MS;
    let active = 0;
    for (let slot = 0; slot < BUCKETS; slot++) {
      const within = (this.#second[slot]! + 1) * BUCKET_MS - oldest;
      active += this.#active[slot]! * Math.min(1, Math.max(0, within / BUCKET_MS));
    }
    for (const since of runningSince) active += now - Math.max(since, oldest);
    const span = Math.min(now - this.#bornAt, WINDOW_MS);
    return span <= 0 ? 0 : Math.min(1, active / (span * workers));
  }
}
