import type { Clock, StopTimer } from "../core/clock.ts";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/**
 * A clock that moves only when told. Give it to an executor as `clock`; its time limits, pauses and statistics follow it.
 *
 * @example
 * ```js
 * import { FakeClock } from "offloop/testing";
 *
 * const clock = new FakeClock();
 * let fired = false;
 * clock.after(1_000, () => (fired = true));
 * await clock.advance(999);
 * console.log(fired); // => false
 * await clock.advance(1);
 * console.log(fired); // => true
 * ```
 */
export class FakeClock implements Clock {
  readonly timeOrigin = 0;
  readonly #timers = new Set<Timer>();
  #now = 0;

  now(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): StopTimer {
    const timer = { at: this.#now + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /**
   * Moves time on. Promises that have settled are seen first. Then timers fire in their order, each at its own time, and
   * promises that they settle are seen before the next.
   */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError(`FakeClock.advance: ms must be at least 0, got ${ms}`);
    await settledPromises();
    const until = this.#now + ms;
    for (let due = this.#next(until); due !== undefined; due = this.#next(until)) {
      this.#timers.delete(due);
      this.#now = due.at;
      due.callback();
      await settledPromises();
    }
    this.#now = until;
    await settledPromises();
  }

  #next(until: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at <= until && (next === undefined || timer.at < next.at)) next = timer;
    }
    return next;
  }
}

const { setImmediate } = globalThis;

/** All microtasks have run. */
function settledPromises(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
