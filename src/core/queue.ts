/**
 * A first-in first-out queue with removal. `push`, `shift` and `remove` are O(1) (amortized), at any length: an
 * `Array#shift` costs a memmove of the whole array, 50 000 waiting calls made it the slowest line of a dispatcher.
 */

/** Where an item stands in the queue, for {@link Queue.remove}. */
export type Ticket = number;

// Below this, moving the rest of the array costs more than the room that it frees.
const COMPACT_FROM = 1024;

export class Queue<T extends object> {
  #items: (T | undefined)[] = [];
  #head = 0;
  /** The ticket of `#items[0]`. */
  #base = 0;
  #size = 0;
  readonly #moved: (item: T, ticket: Ticket) => void;

  /** `moved` is told when an item's ticket is another one from now on. */
  constructor(moved: (item: T, ticket: Ticket) => void) {
    this.#moved = moved;
  }

  get size(): number {
    return this.#size;
  }

  push(item: T): Ticket {
    this.#size++;
    return this.#base + this.#items.push(item) - 1;
  }

  /** Puts an item in front of all others: it has waited longest. Tickets may be negative. */
  unshift(item: T): Ticket {
    this.#size++;
    if (this.#head > 0) {
      this.#items[--this.#head] = item;
    } else {
      this.#items.unshift(item);
      this.#base--;
    }
    return this.#base + this.#head;
  }

  /** The next to be shifted. */
  peek(): T | undefined {
    if (this.#size === 0) return undefined;
    while (this.#items[this.#head] === undefined) this.#head++;
    return this.#items[this.#head];
  }

  shift(): T | undefined {
    const item = this.peek();
    if (item === undefined) return undefined;
    this.#items[this.#head++] = undefined;
    this.#size--;
    this.#compact();
    return item;
  }

  /** Takes the item out from the middle. False when its ticket no longer holds it. */
  remove(ticket: Ticket, item: T): boolean {
    const index = ticket - this.#base;
    if (this.#items[index] !== item) return false;
    this.#items[index] = undefined;
    this.#size--;
    if (this.#size === 0) this.#reset();
    else this.#closeGaps();
    return true;
  }

  /** What waits, the first one first. */
  toArray(): T[] {
    return this.#items.slice(this.#head).filter((item) => item !== undefined);
  }

  #compact(): void {
    if (this.#size === 0) return this.#reset();
    if (this.#head < COMPACT_FROM || this.#head * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#head);
    this.#base += this.#head;
    this.#head = 0;
  }

  /** Behind an item that waits long, what came and was taken out again must not add up. */
  #closeGaps(): void {
    const waiting = this.#items.length - this.#head;
    if (waiting < COMPACT_FROM || this.#size * 2 > waiting) return;
    const items = this.toArray();
    this.#reset();
    this.#items = items;
    this.#size = items.length;
    for (const [index, item] of items.entries()) this.#moved(item, this.#base + index);
  }

  #reset(): void {
    this.#base += this.#items.length;
    this.#items = [];
    this.#head = 0;
  }
}
