/**
 * Workers that died, and others in their places.
 */
import type { Loss } from "../core/errors.ts";
import type { AssignmentEvents, AssignmentParts } from "./assignment-events.ts";
import type { CallQueue } from "./call-queue.ts";
import { CrashLoop } from "./crash-loop.ts";
import type { Crew } from "./crew.ts";
import type { Employment } from "./employment.ts";
import { warnOfIdleDeath } from "./loss.ts";
import type { Losses } from "./losses.ts";
import type { Seat } from "./seat.ts";

export interface ReplacingParts extends Pick<AssignmentParts, "deadlines" | "random"> {
  readonly executor: string;
  readonly crew: () => Crew;
  readonly queue: CallQueue;
  readonly losses: () => Losses;
  readonly employment: () => Employment;
  readonly events: AssignmentEvents;
}

export class Replacing {
  readonly crashes: CrashLoop;
  readonly #parts: ReplacingParts;

  constructor(parts: ReplacingParts) {
    this.#parts = parts;
    const { crew, queue, events } = parts;
    this.crashes = new CrashLoop({
      ...parts,
      // Without any, who waits for the first one is in no queue.
      start: () => {
        const isWaited = crew().size === 0 && events.isOpen();
        const wanted = Math.max(queue.wanted, isWaited ? 1 : 0);
        if (wanted > 0 || events.isOpen()) crew().grow(wanted);
      },
    });
  }

  lost(seat: Seat, loss: Loss): void {
    const { crew, executor, losses } = this.#parts;
    if (loss.cause !== undefined) warnOfIdleDeath(seat, loss, executor);
    if (seat.inFlight.size > 0) this.crashes.crashed(seat, crew().seats());
    const hasWorked = seat.tasks > 0 || seat.inFlight.size > 0;
    losses().lost(seat, loss);
    this.#replace(hasWorked, loss.cause);
  }

  killed(seat: Seat): void {
    const hasWorked = seat.tasks > 0 || seat.inFlight.size > 0;
    this.#parts.losses().killed(seat);
    this.#replace(hasWorked, undefined);
  }

  #replace(hasWorked: boolean, cause: unknown): void {
    const { crew, employment, events, queue } = this.#parts;
    employment().employIdle();
    if (queue.size > 0 || (hasWorked && events.isOpen())) {
      crew().grow(queue.wanted);
    } else if (events.isOpen()) {
      // One of `minWorkers` is not replaced when it died before it did anything: another would die as well, and so on.
      events.notReplaced(cause ?? new Error("a worker ended before it had a call"));
    }
    events.settled();
  }
}
