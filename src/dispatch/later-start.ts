/**
 * Another start after one that failed while other workers stand: they may be in calls that never end, and nobody may ever submit another
 * one.
 */
import type { Deadline, Deadlines } from "../core/deadlines.ts";
import { pauseMs } from "../core/lifecycle.ts";

export class LaterStart {
  readonly #deadlines: Deadlines;
  readonly #start: () => void;
  /** In a row. */
  #failures = 0;
  #waiting: Deadline | undefined;

  constructor(deadlines: Deadlines, start: () => void) {
    this.#deadlines = deadlines;
    this.#start = start;
  }

  failed(): void {
    if (this.#waiting !== undefined) return;
    this.#waiting = this.#deadlines.after(pauseMs(++this.#failures), () => {
      this.#waiting = undefined;
      this.#start();
    });
  }

  started(): void {
    this.#failures = 0;
  }

  stop(): void {
    this.#waiting?.stop();
    this.#waiting = undefined;
  }
}
