/**
 * How many calls a `map` has with its executor at once, when nobody said: as many as keep each worker busy while this thread does
 * something else for a few milliseconds. More would only hold more items and results in memory.
 */

// So long may a turn of a loop take that is not stalled, and no results are taken meanwhile.
const AHEAD_MS = 5;
// One that runs, and one behind it.
const LEAST_PER_WORKER = 2;
// As long as the longest frame.
const MOST_PER_WORKER = 256;
// Of the newest measurement: run times differ, and so may items.
const WEIGHT = 0.2;

export class Lookahead {
  readonly #workers: number;
  #runMs: number | undefined;

  constructor(workers: number) {
    this.#workers = workers;
  }

  ran(ms: number): void {
    this.#runMs = this.#runMs === undefined ? ms : this.#runMs + WEIGHT * (ms - this.#runMs);
  }

  get calls(): number {
    const runMs = this.#runMs ?? Infinity;
    const wanted = Math.ceil(AHEAD_MS / runMs);
    return this.#workers * Math.min(MOST_PER_WORKER, Math.max(LEAST_PER_WORKER, wanted));
  }
}
