/**
 * A queue in an order of its own, with removal: a binary heap whose items know their places. `push`, `shift` and `remove` are
 * O(log n), `peek` is O(1). The order of two items must not change while they wait.
 */
import type { Ticket } from "./queue.ts";

export class RankedQueue<T extends object> {
  readonly #heap: T[] = [];
  readonly #isBefore: (item: T, other: T) => boolean;
  readonly #moved: (item: T, ticket: Ticket) => void;

  /** `moved` is told the ticket of an item, and when it is another one from now on. */
  constructor(isBefore: (item: T, other: T) => boolean, moved: (item: T, ticket: Ticket) => void) {
    this.#isBefore = isBefore;
    this.#moved = moved;
  }

  get size(): number {
    return this.#heap.length;
  }

  push(item: T): Ticket {
    return this.#rise(item, this.#heap.length);
  }

  /** The next to be shifted. */
  peek(): T | undefined {
    return this.#heap[0];
  }

  shift(): T | undefined {
    const first = this.#heap[0];
    if (first !== undefined) this.remove(0, first);
    return first;
  }

  /** False when its ticket no longer holds the item. */
  remove(ticket: Ticket, item: T): boolean {
    if (this.#heap[ticket] !== item) return false;
    const last = this.#heap.pop()!;
    if (last !== item) {
      const parent = this.#heap[(ticket - 1) >> 1];
      if (ticket > 0 && this.#isBefore(last, parent!)) this.#rise(last, ticket);
      else this.#sink(last, ticket);
    }
    return true;
  }

  /** What waits, the first one first. */
  toArray(): T[] {
    return this.#heap.toSorted((a, b) => (this.#isBefore(a, b) ? -1 : 1));
  }

  #rise(item: T, at: number): Ticket {
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#heap[parent]!;
      if (!this.#isBefore(item, above)) break;
      this.#put(above, at);
      at = parent;
    }
    return this.#put(item, at);
  }

  #sink(item: T, at: number): void {
    const heap = this.#heap;
    for (let child = 2 * at + 1; child < heap.length; child = 2 * at + 1) {
      const right = child + 1;
      if (right < heap.length && this.#isBefore(heap[right]!, heap[child]!)) child = right;
      if (!this.#isBefore(heap[child]!, item)) break;
      this.#put(heap[child]!, at);
      at = child;
    }
    this.#put(item, at);
  }

  #put(item: T, at: number): Ticket {
    this.#heap[at] = item;
    this.#moved(item, at);
    return at;
  }
}
