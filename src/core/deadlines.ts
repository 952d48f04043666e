/**
 * Many deadlines on one timer. A binary heap keeps the earliest on top; the clock is asked for a timer only when the
 * earliest changes, so a thousand running tasks cost one timer. Guarantees: a deadline fires at most once, never before
 * its time, in order of time; a stopped one never fires.
 */
import type { Clock, StopTimer } from "./clock.ts";

export class Deadline {
  /** @internal */ readonly at: number;
  /** @internal */ expire: (() => void) | undefined;

  constructor(at: number, expire: () => void) {
    this.at = at;
    this.expire = expire;
  }

  /** Stops it. Its place in the heap goes when its time comes, or when half the heap is stopped. */
  stop(): void {
    this.expire = undefined;
  }
}

export class Deadlines {
  readonly #clock: Clock;
  #heap: Deadline[] = [];
  #armedFor = Infinity;
  #stopTimer: StopTimer | undefined;
  #sweepAt = 64;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  after(delayMs: number, expire: () => void): Deadline {
    const deadline = new Deadline(this.#clock.now() + delayMs, expire);
    if (this.#heap.length >= this.#sweepAt) this.#sweep();
    this.#heap.push(deadline);
    this.#rise(this.#heap.length - 1);
    this.#arm();
    return deadline;
  }

  /** Stops everything. */
  clear(): void {
    this.#heap = [];
    this.#arm();
  }

  /** Drops stopped entries, so that tasks which end long before their deadline leave nothing behind. */
  #sweep(): void {
    this.#heap = this.#heap.filter((deadline) => deadline.expire !== undefined).sort((a, b) => a.at - b.at);
    this.#sweepAt = Math.max(64, this.#heap.length * 2);
  }

  #fire(): void {
    this.#armedFor = Infinity;
    this.#stopTimer = undefined;
    const now = this.#clock.now();
    for (let top = this.#heap[0]; top !== undefined && (top.at <= now || !top.expire); top = this.#heap[0]) {
      this.#removeTop();
      const { expire } = top;
      top.stop();
      expire?.();
    }
    this.#arm();
  }

  #arm(): void {
    const next = this.#heap[0]?.at ?? Infinity;
    if (next === this.#armedFor) return;
    this.#stopTimer?.();
    this.#armedFor = next;
    this.#stopTimer =
      next === Infinity
        ? undefined
        : this.#clock.after(Math.max(0, next - this.#clock.now()), () => this.#fire());
  }

  #rise(index: number): void {
    const heap = this.#heap;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (heap[parent]!.at <= heap[index]!.at) return;
      [heap[parent], heap[index]] = [heap[index]!, heap[parent]!];
      index = parent;
    }
  }

  #removeTop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    heap[0] = last;
    for (let index = 0; ;) {
      const left = 2 * index + 1;
      const right = left + 1;
      let least = index;
      if (left < heap.length && heap[left]!.at < heap[least]!.at) least = left;
      if (right < heap.length && heap[right]!.at < heap[least]!.at) least = right;
      if (least === index) return;
      [heap[least], heap[index]] = [heap[index]!, heap[least]!];
      index = least;
    }
  }
}
