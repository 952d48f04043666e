/**
 * Calls that have left and were not begun come back: because another worker is idle, because a call before them is slow, or
 * because one of them is to end. They go first in the queue, in their order.
 */
import type { Deadlines } from "../core/deadlines.ts";
import type { Task } from "../core/task.ts";
import type { CallQueue } from "./call-queue.ts";
import type { Crew } from "./crew.ts";
import { hasKeyed } from "./lanes.ts";
import type { Ledger } from "./ledger.ts";
import { isWorthTaking } from "./pace.ts";
import type { Seat } from "./seat.ts";

/**
 * A worker that has begun no other call from one look to the next is slower than expected with this one. Four times what it was
 * sent for; nothing depends on the exact number.
 */
const SLOW_MS = 4;
/** A second between two looks. */
const MOST_IN_A_ROW = 8;

export interface TakingBackParts {
  readonly queue: CallQueue;
  readonly crew: Crew;
  readonly ledger: Ledger;
  readonly deadlines: Deadlines;
  /** Results wait in the worker, which does not get on. */
  readonly collect: (seat: Seat) => void;
  /** Something waits: idle workers are to get it, and this one if it has nothing left. */
  readonly employ: (seat: Seat) => void;
}

export class TakingBack {
  readonly #parts: TakingBackParts;

  constructor(parts: TakingBackParts) {
    this.#parts = parts;
  }

  /** Whoever calls sees to the queue and the worker. */
  from(seat: Seat): Task<unknown>[] {
    const first = seat.link!.words.takeBack(seat.inFlight.end);
    return this.#toQueue(seat.inFlight.takeFrom(first));
  }

  /** These numbers, of which the worker knows nothing. */
  range(seat: Seat, first: number, end: number): Task<unknown>[] {
    return this.#toQueue(seat.inFlight.takeRange(first, end));
  }

  /** It waits no more. */
  forget(task: Task<unknown>): void {
    this.#parts.queue.remove(task.ticket, task);
  }

  #toQueue(taken: readonly Task<unknown>[]): Task<unknown>[] {
    const { ledger, queue } = this.#parts;
    const open = taken.filter((task) => ledger.takenBack(task));
    for (const task of open.toReversed()) {
      task.sends--;
      task.watch?.takenBack();
      task.ticket = queue.unshift(task);
    }
    return open;
  }

  /** A worker has become idle and nothing waits: it gets a part of what the busiest one has. */
  forIdle(): void {
    const { queue, crew, ledger, employ } = this.#parts;
    // Each busy worker has one of them.
    if (queue.common > 0 || !crew.hasIdle || ledger.inHand <= crew.busy) return;
    let busiest: Seat | undefined;
    let mostMs = 0;
    for (const seat of crew.seats()) {
      const { waiting } = seat;
      const waitingMs = (seat.inFlight.expectedMs / seat.inFlight.size) * waiting;
      if (!isWorthTaking(waiting, waitingMs) || waitingMs < mostMs) continue;
      // Most of those may go nowhere else.
      if (queue.hasKeys && hasKeyed(seat)) continue;
      mostMs = waitingMs;
      busiest = seat;
    }
    if (busiest === undefined) return;
    void this.from(busiest);
    employ(busiest);
  }

  /** Looks now and then whether a worker that has several calls gets on with them. */
  watch(seat: Seat): void {
    if (seat.check !== undefined || seat.inFlight.size < 2) return;
    const claimed = seat.link!.words.claimed;
    seat.check = this.#parts.deadlines.after(SLOW_MS * 2 ** seat.takenInARow, () => {
      seat.check = undefined;
      if (seat.state.kind !== "busy") return;
      // Main may have been busy itself: what has been answered by now was in time.
      seat.link!.drain();
      if (seat.link!.words.claimed !== claimed) {
        seat.takenInARow = 0;
        return this.watch(seat);
      }
      this.#parts.collect(seat);
      if (seat.waiting === 0) return this.watch(seat);
      // What is sent again may be as large, and this machine as busy: each time there is more time for it to arrive.
      seat.takenInARow = Math.min(seat.takenInARow + 1, MOST_IN_A_ROW);
      void this.from(seat);
      this.#parts.employ(seat);
    });
  }
}
