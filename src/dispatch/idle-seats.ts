/**
 * The workers that wait for calls. A stack: the last one used is the next, so that the others can end for having been idle
 * too long. One deadline serves them all, because being idle begins and ends with every call and must cost nothing.
 */
import type { Clock } from "../core/clock.ts";
import type { Deadlines } from "../core/deadlines.ts";
import type { Seat } from "./seat.ts";

export interface IdleRule {
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  idleTimeoutMs(): number;
  /** Whether one more may end. */
  mayEnd(): boolean;
  end(seat: Seat): void;
}

export class IdleSeats {
  readonly #seats: Seat[] = [];
  readonly #rule: IdleRule;
  #watching = false;

  constructor(rule: IdleRule) {
    this.#rule = rule;
  }

  get size(): number {
    return this.#seats.length;
  }

  /** The one that has been idle longest, of those that no stream rests in. */
  get oldest(): Seat | undefined {
    return this.#seats.find(({ streams }) => streams.size === 0);
  }

  push(seat: Seat): void {
    seat.enter({ kind: "idle", since: this.#rule.clock.now() });
    this.#seats.push(seat);
    this.watch();
  }

  /** The last one, or the last of some. */
  pop(which?: (seat: Seat) => boolean): Seat | undefined {
    const seat = which === undefined ? this.#seats.pop() : this.#seats.findLast(which);
    if (which !== undefined && seat !== undefined) this.remove(seat);
    seat?.enter({ kind: "busy" });
    return seat;
  }

  remove(seat: Seat): void {
    const at = this.#seats.indexOf(seat);
    if (at !== -1) this.#seats.splice(at, 1);
  }

  /** Sees to it that the oldest ends in time. To be called when more may end than before. */
  watch(): void {
    const { oldest } = this;
    const { clock, deadlines } = this.#rule;
    const idleTimeoutMs = this.#rule.idleTimeoutMs();
    if (this.#watching || oldest?.state.kind !== "idle" || idleTimeoutMs === Infinity) return;
    // Those that are the least there must be are looked at again when that changes.
    if (!this.#rule.mayEnd()) return;
    this.#watching = true;
    deadlines.after(Math.max(0, oldest.state.since + idleTimeoutMs - clock.now()), () =>
      this.#sweep(idleTimeoutMs),
    );
  }

  #sweep(idleTimeoutMs: number): void {
    this.#watching = false;
    const now = this.#rule.clock.now();
    for (let seat = this.oldest; seat?.state.kind === "idle"; seat = this.oldest) {
      if (now - seat.state.since < idleTimeoutMs || !this.#rule.mayEnd()) break;
      this.#rule.end(seat);
    }
    this.watch();
  }
}
