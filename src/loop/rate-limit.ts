/**
 * At most so many in a minute, whichever minute one looks at.
 */
const MINUTE_MS = 60_000;

export class RateLimit {
  readonly #most: number;
  readonly #now: () => number;
  #times: number[] = [];

  constructor(most: number, now: () => number) {
    this.#most = most;
    this.#now = now;
  }

  /** Whether one more is allowed; if so, it counts. */
  take(): boolean {
    const now = this.#now();
    this.#times = this.#times.filter((at) => now - at < MINUTE_MS);
    if (this.#times.length >= this.#most) return false;
    if (this.#most !== Infinity) this.#times.push(now);
    return true;
  }
}
