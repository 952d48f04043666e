/**
 * Who waits until an executor has nothing to do, and whether that holds the process.
 *
 * | what there is                            | holds the process    | `idle()` waits | a shutdown waits       |
 * | ---------------------------------------- | -------------------- | -------------- | ---------------------- |
 * | a call, a turn of a stream               | yes                  | yes            | yes                    |
 * | a stream that rests                      | while `idle()` waits | yes            | yes                    |
 * | one that was not read for {@link UNREAD_MS} | no                | no             | see `Streaming.drain`  |
 */
import type { Deadlines } from "../core/deadlines.ts";
import type { Admission } from "./admission.ts";
import type { Assignment } from "./assignment.ts";
import type { KeepAlive } from "./keep-alive.ts";
import type { Waiters } from "./waiters.ts";

/** How long a stream may be unread before nobody waits for it. As long as a shutdown waits for anything unless told otherwise. */
export const UNREAD_MS = 10_000;

interface Held {
  readonly waiters: Waiters;
  readonly keepAlive: KeepAlive;
}

export class Idleness {
  readonly #work: Assignment;
  readonly #admission: Admission;
  readonly #deadlines: Deadlines;
  readonly #waiters: Waiters;
  readonly #keepAlive: KeepAlive;
  #isLooking = false;

  constructor(work: Assignment, admission: Admission, deadlines: Deadlines, { waiters, keepAlive }: Held) {
    this.#work = work;
    this.#admission = admission;
    this.#deadlines = deadlines;
    this.#waiters = waiters;
    this.#keepAlive = keepAlive;
  }

  async idle(): Promise<void> {
    if (this.#isIdle) return;
    this.#keepAlive.hold();
    this.#look();
    await this.#waiters.idle();
  }

  /** Also of streams that nobody reads. */
  async drained(): Promise<void> {
    if (this.#work.hasWork) await this.#waiters.drained();
  }

  settled(): void {
    const waiters = this.#waiters;
    if (this.#work.hasTasks) return;
    if (this.#isIdle) waiters.becameIdle();
    else if (waiters.waitForIdle) this.#look();
    // Not asked of the shutdown itself: that settles what waits before its promise is there.
    const isHeld = !this.#admission.open || waiters.waitForWorkers || waiters.waitForIdle;
    if (!isHeld) this.#keepAlive.release();
    if (!this.#work.hasWork) waiters.becameDrained();
  }

  get #isIdle(): boolean {
    if (this.#work.hasTasks) return false;
    const { streams } = this.#work.ledger;
    return streams.size === 0 || [...streams].every(({ isUnread }) => isUnread);
  }

  /** Which streams are read, from time to time, as long as somebody waits. */
  #look(): void {
    const { streams } = this.#work.ledger;
    if (this.#isLooking || streams.size === 0) return;
    this.#isLooking = true;
    const before = [...streams].map((stream) => [stream, stream.reads] as const);
    this.#deadlines.after(UNREAD_MS, () => {
      this.#isLooking = false;
      for (const [stream, reads] of before) stream.isUnread = stream.isResting && stream.reads === reads;
      this.settled();
    });
  }
}
