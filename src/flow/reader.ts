/**
 * Between results that become ready and calls of `next()`, whichever come first.
 *
 * | state   | what happened                                 | next    |
 * | ------- | --------------------------------------------- | ------- |
 * | open    | more may come                                 | ended, aborted |
 * | ended   | nothing more comes; an error may be left      | aborted |
 * | aborted | it was ended from outside, before all was read | - |
 */
import { Queue } from "../core/queue.ts";

type Outcome<Y> = { readonly value: Y } | { readonly error: unknown };

interface Waiter<Y> {
  resolve(result: IteratorResult<Y, undefined>): void;
  reject(error: unknown): void;
}

const DONE = { done: true, value: undefined } as const;

export class Reader<Y> {
  readonly #onRead: () => void;
  #ready = newQueue<Y>();
  readonly #waiters: Waiter<Y>[] = [];
  #state: "open" | "ended" | "aborted" = "open";

  /** `onRead` is told when a ready value was taken. */
  constructor(onRead: () => void) {
    this.#onRead = onRead;
  }

  /** Somebody waits for the next one. */
  get isAwaited(): boolean {
    return this.#waiters.length > 0;
  }

  push(value: Y): void {
    if (this.#state !== "open") return;
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#ready.push({ value });
    else {
      waiter.resolve({ done: false, value });
      this.#onRead();
    }
  }

  /** After what is ready, nothing; or the error, once. */
  end(failure?: { readonly error: unknown }): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#tell(failure);
  }

  #tell(failure: { readonly error: unknown } | undefined): void {
    const [first, ...others] = this.#waiters.splice(0);
    if (failure !== undefined) {
      if (first === undefined) this.#ready.push(failure);
      else first.reject(failure.error);
    } else first?.resolve(DONE);
    for (const { resolve } of others) resolve(DONE);
  }

  /** In place of all that is ready and of an end that nobody has read. The first reason counts. */
  abort(error: unknown): void {
    if (this.#state === "aborted" || (this.#state === "ended" && this.#ready.size === 0)) return;
    this.#state = "aborted";
    this.#ready = newQueue();
    this.#tell({ error });
  }

  /** Nobody reads any more: what is ready is dropped, a reason that nobody has seen, too. */
  close(): void {
    this.#ready = newQueue();
    this.end();
  }

  next(): Promise<IteratorResult<Y, undefined>> {
    const outcome = this.#ready.shift();
    if (outcome === undefined) {
      if (this.#state !== "open") return Promise.resolve(DONE);
      return new Promise((resolve, reject) => {
        this.#waiters.push({ resolve, reject });
      });
    }
    if ("error" in outcome) return Promise.reject(outcome.error);
    this.#onRead();
    return Promise.resolve({ done: false, value: outcome.value });
  }
}

function newQueue<Y>(): Queue<Outcome<Y>> {
  return new Queue(() => {});
}
