/**
 * Where a thread sleeps: a loop that has nothing to do waits for its events, and a thread that waits anywhere else is blocked,
 * however little CPU it takes. From Linux, 3 µs a look, without waking the thread.
 *
 * Which wait is the loop's is learned, not known: its number differs from machine to machine. The first sample of a wait
 * that is new finds the loop idle, or the stack that is blocked.
 */
import { openSync, readSync } from "node:fs";

export class Whereabouts {
  readonly #file: number | undefined;
  readonly #buffer = Buffer.alloc(64);
  /** The waits in which the loop was found idle. There is one for each loop. */
  readonly #idle = new Set<string>();
  #last: string | undefined;
  /** Since the thread ran last. */
  #isIdle = false;

  constructor(tid: number | undefined) {
    try {
      if (tid !== undefined) this.#file = openSync(`/proc/self/task/${tid}/syscall`, "r");
    } catch {
      // Not every kernel tells, and the permission model may forbid to ask.
    }
  }

  /** It has run since the last look. */
  moved(): void {
    this.#isIdle = false;
    // A sample that finds the loop idle says nothing of where it slept before.
    this.#last = undefined;
  }

  /** Asleep in a system call that is not known to be the loop's own. */
  isAsleepElsewhere(): boolean {
    if (this.#file === undefined || this.#isIdle) return false;
    const length = readSync(this.#file, this.#buffer, 0, this.#buffer.length, 0);
    // The call's number and its first argument, which is the descriptor that the loop waits on. "running", or -1 in a fault.
    const found = /^(\d+ 0x[\da-f]+) /.exec(this.#buffer.toString("latin1", 0, length));
    this.#last = found?.[1];
    this.#isIdle = this.#last !== undefined && this.#idle.has(this.#last);
    return this.#last !== undefined && !this.#isIdle;
  }

  /** A sample found that the loop only waits for events, where it was seen last. */
  wasIdle(): void {
    if (this.#last !== undefined) this.#idle.add(this.#last);
  }
}
