/**
 * The calls of an actor, in order and one at a time: the next one begins when the one before it was answered. A call from a callback of the
 * running one does not wait for it.
 */
import { Queue } from "../src/core/queue.ts";
import type { CallCounts } from "../src/wire/call-counts.ts";

export class Mailbox<Message extends { readonly id?: string }> {
  readonly #counts: CallCounts;
  readonly #deliver: (message: Message) => void;
  readonly #waiting = new Queue<Message | (() => Promise<void>)>(() => {});
  #running: string | undefined;
  #closed = false;

  constructor(counts: CallCounts, deliver: (message: Message) => void) {
    this.#counts = counts;
    this.#deliver = deliver;
  }

  receive(message: Message, inside: boolean): void {
    if (inside) return this.#deliver(message);
    this.#waiting.push(message);
    this.#next();
  }

  /** Behind the calls before it, and nothing after it. */
  last(run: () => Promise<void>): void {
    this.#waiting.push(run);
    this.#next();
  }

  /** `left`: when its answer has left, if it has not. The next call may block this thread for ever. */
  answered(id: string | undefined, left: () => Promise<void> | undefined): void {
    if (id !== this.#running) return;
    this.#counts.end();
    const leaving = left();
    if (leaving === undefined) this.#go();
    else void leaving.then(() => this.#go());
  }

  #go(): void {
    this.#running = undefined;
    this.#next();
  }

  #next(): void {
    if (this.#running !== undefined || this.#closed) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#counts.begin();
    if (typeof next === "function") {
      this.#closed = true;
      void next();
    } else {
      this.#running = next.id;
      this.#deliver(next);
    }
  }
}
