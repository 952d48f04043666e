/**
 * Holds back new workers where one after the other dies in its call, and no call ends in between: started at full speed, they would take the
 * CPU from everything else. One bad call among others is none: two may die in a row, and the next starts at once.
 *
 * | workers that died in a row | the next ones start                                        |
 * | -------------------------- | ---------------------------------------------------------- |
 * | none to two                | when they are wanted                                       |
 * | more                       | one after each pause: 100 ms, doubling to a second, jittered |
 *
 * It is a breaker that holds calls up instead of refusing them. What waits behind a call that kills may be harmless, and only running it
 * tells.
 */
import type { Deadline, Deadlines } from "../core/deadlines.ts";
import { pauseMs } from "../core/lifecycle.ts";
import type { Seat } from "./seat.ts";

const AT_ONCE = 2;
// A start takes 40 ms of a CPU: at the worst 4 % of one. What waits behind calls that kill has to wait for each of them, so no longer.
const LONGEST_PAUSE_MS = 1_000;

export interface CrashLoopParts {
  readonly deadlines: Deadlines;
  readonly random: () => number;
  /** Workers may be started that were not. */
  readonly start: () => void;
}

export class CrashLoop {
  readonly #parts: CrashLoopParts;
  #inARow = 0;
  /** When the last one died. Those that stood beside it may fall with it: that is one crash. */
  #youngest = 0;
  #pause: Deadline | undefined;
  #wasRefused = false;

  constructor(parts: CrashLoopParts) {
    this.#parts = parts;
  }

  /** It had a call. `others` stand. */
  crashed({ id }: Seat, others: Iterable<Seat>): void {
    if (id <= this.#youngest) return;
    this.#youngest = Math.max(id, ...[...others].map((other) => other.id));
    this.#inARow++;
    if (this.#isLoop) this.#hold();
  }

  /** A call has. */
  ended(): void {
    if (this.#inARow === 0) return;
    this.#inARow = 0;
    this.#pause?.stop();
    this.#goOn();
  }

  /** To be asked before each start that comes then. */
  mayStart(): boolean {
    if (!this.#isLoop) return true;
    if (this.#pause === undefined) {
      this.#hold();
      return true;
    }
    this.#wasRefused = true;
    return false;
  }

  get #isLoop(): boolean {
    return this.#inARow > AT_ONCE;
  }

  #hold(): void {
    this.#pause?.stop();
    const { deadlines, random } = this.#parts;
    const ms = pauseMs(this.#inARow - AT_ONCE, random(), LONGEST_PAUSE_MS);
    this.#pause = deadlines.after(ms, () => this.#goOn());
  }

  #goOn(): void {
    this.#pause = undefined;
    if (!this.#wasRefused) return;
    this.#wasRefused = false;
    this.#parts.start();
  }
}
