/**
 * Workers that have done enough, or are old enough, end between two calls, and others take their places: what leaks in them, leaks for so
 * long only.
 */
import type { Clock } from "../core/clock.ts";
import type { CompleteOptions } from "../core/executor-options.ts";
import type { Seat } from "./seat.ts";

export class Recycling {
  readonly #mostTasks: number;
  readonly #oldestMs: number;
  readonly #clock: Clock;

  constructor({ maxTasksPerWorker, maxWorkerAgeMs }: CompleteOptions, clock: Clock) {
    this.#mostTasks = maxTasksPerWorker ?? Infinity;
    this.#oldestMs = maxWorkerAgeMs ?? Infinity;
    this.#clock = clock;
  }

  /** Of a worker that has no call. */
  isDue(seat: Seat): boolean {
    return this.room(seat) <= 0;
  }

  /** How many more calls it may be given. Those that it has count as done: they may be taken back, and are counted anew then. */
  room(seat: Seat): number {
    if (this.#oldestMs !== Infinity && this.#clock.now() - seat.bornAt >= this.#oldestMs) return 0;
    return this.#mostTasks - seat.tasks - seat.inFlight.size;
  }
}
