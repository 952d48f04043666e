/**
 * How busy the workers were in the last 10 seconds, from the run times of the tasks that ended in them.
 */
const BUCKET_MS = 1_000;
const BUCKETS = 10;

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
    const start = Math.max(now - ms, now - BUCKET_MS * BUCKETS);
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

  /** `runningMs`: what tasks that have not ended yet have run so far. */
  utilization(now: number, workers: number, runningMs: number): number {
    const oldest = now / BUCKET_MS - BUCKETS;
    let active = runningMs;
    for (let slot = 0; slot < BUCKETS; slot++) {
      if (this.#second[slot]! >= oldest) active += this.#active[slot]!;
    }
    const span = Math.min(now - this.#bornAt, BUCKET_MS * BUCKETS);
    return span <= 0 ? 0 : Math.min(1, active / (span * workers));
  }
}
