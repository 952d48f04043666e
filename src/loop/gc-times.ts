/**
 * When this thread collected garbage. Node tells it a turn late, so a stall's share is known after the stall.
 */
import { PerformanceObserver } from "node:perf_hooks";

/** More collections than a long stall of allocations has; older ones are of no use. */
const MOST = 2_000;

export class GcTimes {
  readonly #observer = new PerformanceObserver((list) => this.#add(list.getEntries()));
  /** Begin and duration, alternating. */
  #times: number[] = [];

  start(): void {
    this.#observer.observe({ entryTypes: ["gc"] });
  }

  stop(): void {
    this.#observer.disconnect();
  }

  /** Milliseconds of collections between two instants of `performance.now()`. */
  within(from: number, to: number): number {
    this.#add(this.#observer.takeRecords());
    let total = 0;
    for (let index = 0; index < this.#times.length; index += 2) {
      const begin = this.#times[index]!;
      total += Math.max(0, Math.min(to, begin + this.#times[index + 1]!) - Math.max(from, begin));
    }
    return total;
  }

  #add(entries: readonly { startTime: number; duration: number }[]): void {
    for (const { startTime, duration } of entries) this.#times.push(startTime, duration);
    if (this.#times.length > 2 * MOST) this.#times = this.#times.slice(-MOST);
  }
}
