/**
 * Calls for one worker and no other: those of a broadcast. A worker begins them when it has nothing else, before all that waits.
 */
import type { Task } from "../core/task.ts";
import type { Seat } from "./seat.ts";

export class Pinned {
  /** Where each of them belongs, also while its worker has it. */
  readonly #seats = new WeakMap<Task<unknown>, Seat>();
  readonly #waiting = new Map<Seat, Task<unknown>[]>();
  /** There was one. Else nobody looks. */
  #isUsed = false;
  size = 0;

  add(task: Task<unknown>, seat: Seat): void {
    this.#isUsed = true;
    this.#seats.set(task, seat);
    this.#put(task, seat, "last");
  }

  owns(task: Task<unknown>): boolean {
    return this.#isUsed && this.#seats.has(task);
  }

  seatOf(task: Task<unknown>): Seat | undefined {
    return this.#isUsed ? this.#seats.get(task) : undefined;
  }

  putBack(task: Task<unknown>): void {
    this.#put(task, this.#seats.get(task)!, "first");
  }

  has(seat: Seat): boolean {
    return this.size > 0 && this.#waiting.has(seat);
  }

  shift(seat: Seat): Task<unknown> | undefined {
    const task = this.size === 0 ? undefined : this.#waiting.get(seat)?.[0];
    if (task !== undefined) this.remove(task);
    return task;
  }

  /** False when it does not wait. */
  remove(task: Task<unknown>): boolean {
    const seat = this.#isUsed ? this.#seats.get(task) : undefined;
    const waiting = seat && this.#waiting.get(seat);
    const at = waiting?.indexOf(task) ?? -1;
    if (at === -1) return false;
    void waiting!.splice(at, 1);
    if (waiting!.length === 0) this.#waiting.delete(seat!);
    this.size--;
    return true;
  }

  /** All that wait for it: it will not begin them. */
  takeAll(seat: Seat): readonly Task<unknown>[] {
    const all = this.#waiting.get(seat) ?? [];
    this.#waiting.delete(seat);
    this.size -= all.length;
    return all;
  }

  toArray(): Task<unknown>[] {
    return [...this.#waiting.values()].flat();
  }

  #put(task: Task<unknown>, seat: Seat, where: "first" | "last"): void {
    const waiting = this.#waiting.get(seat) ?? [];
    this.#waiting.set(seat, where === "first" ? [task, ...waiting] : [...waiting, task]);
    this.size++;
  }
}

/** Workers that take calls. */
export function startedOf(seats: Iterable<Seat>): Seat[] {
  return [...seats].filter(({ state }) => state.kind !== "starting");
}
