/**
 * Workers that have done enough, are old enough, or take too much memory, end between two calls, and others take their places: what leaks in them, leaks for so
 * long only.
 */
import type { Clock } from "../core/clock.ts";
import type { CompleteOptions } from "../core/executor-options.ts";
import type { Seat } from "./seat.ts";

export class Recycling {
  readonly #mostTasks: number;
  readonly #oldestMs: number;
  readonly #mostBytes: number;
  readonly #clock: Clock;

  constructor(options: CompleteOptions, clock: Clock) {
    this.#mostTasks = options.maxTasksPerWorker ?? Infinity;
    this.#oldestMs = options.maxWorkerAgeMs ?? Infinity;
    this.#mostBytes = options.maxWorkerMemoryBytes ?? Infinity;
    this.#clock = clock;
  }

  /** Of a worker that has no call. One with streams ends after them, and does other work until then: readers take what time they want. */
  isDue(seat: Seat): boolean {
    return seat.streams.size === 0 && this.room(seat) <= 0;
  }

  /** How many more calls it may be given. Those that it has count as done: they may be taken back, and are counted anew then. */
  room(seat: Seat): number {
    if (this.#oldestMs !== Infinity && this.#clock.now() - seat.bornAt >= this.#oldestMs) return 0;
    if (this.#mostBytes !== Infinity && seat.link!.words.memoryBytes > this.#mostBytes) return 0;
    return this.#mostTasks - seat.tasks - seat.inFlight.size;
  }
}
