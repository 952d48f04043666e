/**
 * Whether an inspector session to a child's main thread is open, in a word that its threads share. The main thread must not end while one is:
 * Node would wait for it, and say so on stderr.
 *
 * | state  | what happened                             | next         |
 * | ------ | ----------------------------------------- | ------------ |
 * | idle   | none is open                              | open, closed |
 * | open   | some are                                  | idle         |
 * | closed | the process ends, and no other one begins | -            |
 */
const IDLE = 0;
const OPEN = 1;
const CLOSED = 2;

export const STACK_SESSION_BYTES = 4;

export class StackSession {
  readonly #word: Int32Array;

  constructor(shared: SharedArrayBuffer) {
    this.#word = new Int32Array(shared);
  }

  /** The reader, before the first of its sessions. False: too late. */
  open(): boolean {
    return Atomics.compareExchange(this.#word, 0, IDLE, OPEN) === IDLE;
  }

  /** The reader, after the last of its sessions. */
  end(): void {
    Atomics.store(this.#word, 0, IDLE);
    Atomics.notify(this.#word, 0);
  }

  /** The main thread, at its end. Waiting lets interrupts in, so that an open session ends meanwhile. */
  close(withinMs: number): void {
    const deadline = performance.now() + withinMs;
    while (Atomics.compareExchange(this.#word, 0, IDLE, CLOSED) === OPEN) {
      const left = deadline - performance.now();
      if (left <= 0) return;
      Atomics.wait(this.#word, 0, OPEN, left);
    }
  }
}
