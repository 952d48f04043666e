/**
 * Stalls as an async iterator. It ends when the monitor stops or the signal aborts.
 */
import type { Stall } from "./stall.ts";

/** A reader that does not read loses the oldest. Arbitrary: half an hour at 30 a minute. */
const MOST_WAITING = 1_000;

export class StallStream implements AsyncIterableIterator<Stall> {
  readonly #left: (stream: StallStream) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #waiting: Stall[] = [];
  readonly #readers: ((result: IteratorResult<Stall>) => void)[] = [];
  #isEnded = false;

  /** `left`: it takes no more. */
  constructor(signal: AbortSignal | undefined, left: (stream: StallStream) => void) {
    this.#left = left;
    this.#signal = signal;
    if (signal?.aborted === true) this.#isEnded = true;
    else signal?.addEventListener("abort", this.#abort, { once: true });
  }

  readonly #abort = (): void => this.end();

  push(stall: Stall): void {
    if (this.#isEnded) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) return reader({ done: false, value: stall });
    this.#waiting.push(stall);
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
  }

  /** What was pushed before can still be read. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#left(this);
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<Stall>> {
    const value = this.#waiting.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#isEnded) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  return(): Promise<IteratorResult<Stall>> {
    this.#waiting.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
