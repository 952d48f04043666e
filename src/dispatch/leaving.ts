/**
 * Workers that are about to go: told to end, or killed. They hold no place, and nobody waits for one that does not go: a
 * killed one may hang in a native call, and an inline one cannot be killed.
 */
import type { Clock } from "../core/clock.ts";
import type { Deadline, Deadlines } from "../core/deadlines.ts";
import type { CompleteOptions } from "../core/executor-options.ts";
import { warn } from "../core/warn.ts";
import type { Seat } from "./seat.ts";

// A killed worker is gone within milliseconds unless it hangs in a native call.
const KILL_WAIT_MS = 1_000;

// Without a finalizer a worker only writes out what is still to be printed. One that does not even listen is ended.
const FINISH_MS = 1_000;

/** How long one that was told to end may take. */
export function finishLimitMs({ finalizer, startTimeoutMs }: CompleteOptions): number {
  return finalizer === undefined ? Math.min(FINISH_MS, startTimeoutMs) : startTimeoutMs;
}

export class Leaving {
  readonly #clock: Clock;
  readonly #deadlines: Deadlines;
  readonly #executor: string;
  readonly #seats = new Map<Seat, Deadline | undefined>();
  readonly #waiting: (() => void)[] = [];

  constructor(executor: string, clock: Clock, deadlines: Deadlines) {
    this.#executor = executor;
    this.#clock = clock;
    this.#deadlines = deadlines;
  }

  [Symbol.iterator](): Iterator<Seat> {
    return this.#seats.keys();
  }

  /** Again when its state has changed. */
  add(seat: Seat): void {
    this.#seats.get(seat)?.stop();
    const isKilled = seat.state.kind === "stuck";
    const patience = isKilled
      ? this.#deadlines.after(KILL_WAIT_MS, () => warnOfStuck(seat, this.#executor))
      : undefined;
    this.#seats.set(seat, patience);
    this.#lookAgain();
  }

  /** It has gone, or nobody waits for it. */
  delete(seat: Seat): void {
    this.#seats.get(seat)?.stop();
    this.#seats.delete(seat);
    this.#lookAgain();
  }

  /** Resolves when all have gone that will. One that runs its finalizer has a limit of its own for that. */
  async allGone(): Promise<void> {
    for (let limit = this.#limit(); limit > this.#clock.now(); limit = this.#limit()) {
      const deadline =
        limit === Infinity
          ? undefined
          : this.#deadlines.after(limit - this.#clock.now(), () => this.#lookAgain());
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      deadline?.stop();
    }
  }

  /** Until when one of them may still go. Infinity: it is not even killed. */
  #limit(): number {
    const limits = [...this.#seats.keys()].map(({ state }) =>
      state.kind === "stuck" ? state.since + KILL_WAIT_MS : Infinity,
    );
    return Math.max(-Infinity, ...limits);
  }

  #lookAgain(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** Its task has settled and its place is taken: nobody else would tell that it still uses a CPU, or a lock. */
function warnOfStuck({ id }: Seat, executor: string): void {
  warn(
    "WORKER_STUCK",
    `Worker ${id} of ${executor} was ended ${KILL_WAIT_MS} ms ago and is still there: it is inside a native call. ` +
      "Another one has its place.",
  );
}
