/**
 * Where a thread sleeps: a loop that has nothing to do waits for its events, and a thread that waits anywhere else is blocked,
 * however little CPU it takes. From Linux, 3 µs a look, without waking the thread.
 *
 * Which wait is the loop's is learned, not known: its number differs from machine to machine. The first sample of a wait
 * that is new finds the loop idle, or the stack that is blocked.
 */
import { threadFile } from "./thread-file.ts";

/** What the system tells of where a thread is. */
type ReadPlace = () => string;

export class Whereabouts {
  readonly #read: ReadPlace | undefined;
  /** The waits in which the loop was found idle. There is one for each loop. */
  readonly #idle = new Set<string>();
  #last: string | undefined;
  /** Since the thread ran last. */
  #isIdle = false;

  constructor(read: ReadPlace | undefined) {
    this.#read = read;
  }

  /** It has run since the last look. */
  moved(): void {
    this.#isIdle = false;
    // A sample that finds the loop idle says nothing of where it slept before.
    this.#last = undefined;
  }

  /** Asleep in a system call that is not known to be the loop's own. */
  isAsleepElsewhere(): boolean {
    if (this.#read === undefined || this.#isIdle) return false;
    // The call's number and its first argument, which is the descriptor that the loop waits on. "running", or -1 in a fault.
    const found = /^(\d+ 0x[\da-f]+) /.exec(this.#read());
    this.#last = found?.[1];
    this.#isIdle = this.#last !== undefined && this.#idle.has(this.#last);
    return this.#last !== undefined && !this.#isIdle;
  }

  /** A sample found that the loop only waits for events, where it was seen last. */
  wasIdle(): void {
    if (this.#last !== undefined) this.#idle.add(this.#last);
  }
}

export function whereaboutsOf(tid: number | undefined): Whereabouts {
  return new Whereabouts(tid === undefined ? undefined : threadFile(`/proc/self/task/${tid}/syscall`, 64));
}
