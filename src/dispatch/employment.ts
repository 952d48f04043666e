/**
 * Gives what waits to workers that have nothing: nobody waits beside a free worker that could take the call.
 */
import { streamOf } from "../core/stream-turns.ts";
import type { CallQueue } from "./call-queue.ts";
import type { Crew } from "./crew.ts";
import type { Ledger } from "./ledger.ts";
import type { Recycling } from "./recycling.ts";
import type { Seat } from "./seat.ts";
import type { Sending } from "./sending.ts";
import type { TakingBack } from "./taking-back.ts";

export interface EmploymentParts {
  readonly queue: CallQueue;
  readonly crew: Crew;
  readonly ledger: Ledger;
  readonly sending: Sending;
  readonly takingBack: () => TakingBack;
  readonly recycling: Recycling;
  /** Whether new workers may come that no waiting call needs. */
  readonly isOpen: () => boolean;
}

export class Employment {
  readonly #parts: EmploymentParts;

  constructor(parts: EmploymentParts) {
    this.#parts = parts;
  }

  /** The next calls for a seat that has none. Without one the seat is free. */
  next(seat: Seat): void {
    const { crew, queue, recycling, sending, takingBack } = this.#parts;
    // Else two streams with fast readers would leave a worker to nobody else.
    if (seat.owesTurn && queue.peek(seat) !== undefined && sending.fill(seat)) {
      seat.owesTurn = false;
      return takingBack().watch(seat);
    }
    for (let own = queue.pinned.shift(seat); own !== undefined; own = queue.pinned.shift(seat)) {
      seat.owesTurn = streamOf(own) !== undefined;
      if (sending.send(seat, own)) return;
    }
    if (recycling.isDue(seat)) return this.#recycle(seat);
    while (!crew.isSurplus && queue.peek(seat) !== undefined) {
      if (sending.fill(seat)) return takingBack().watch(seat);
    }
    crew.release(seat);
    takingBack().forIdle();
  }

  /** Before this one is free, if it has nothing left. */
  employ(seat: Seat): void {
    this.employIdle();
    if (seat.state.kind === "busy" && seat.inFlight.size === 0) this.next(seat);
  }

  employIdle(): void {
    const { queue } = this.#parts;
    while (queue.size > 0) {
      const seat = this.takeIdle(queue.common > 0 ? undefined : (one) => queue.hasFor(one));
      if (seat === undefined) return;
      this.next(seat);
    }
  }

  /** One that may have another call. */
  takeIdle(which?: (seat: Seat) => boolean): Seat | undefined {
    const { crew, queue, recycling } = this.#parts;
    let seat = crew.takeIdle(which);
    // What waits for that one and no other goes first.
    while (seat !== undefined && recycling.isDue(seat) && !queue.pinned.has(seat)) {
      this.#recycle(seat);
      seat = crew.takeIdle(which);
    }
    return seat;
  }

  #recycle(seat: Seat): void {
    const { crew, isOpen, ledger, queue } = this.#parts;
    ledger.counters.workersRecycled++;
    crew.retire(seat);
    if (queue.size > 0 || isOpen()) crew.grow(queue.wanted);
  }
}
