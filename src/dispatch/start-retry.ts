/**
 * Tries a failed start again, later and later, while other workers stand: these may be in calls that never end, and nobody may
 * ever submit another one. Where none stands, the executor is broken and the next call is the probe.
 */
import type { Deadline, Deadlines } from "../core/deadlines.ts";
import { pauseMs } from "../core/lifecycle.ts";

export class StartRetry {
  readonly #deadlines: Deadlines;
  readonly #random: () => number;
  readonly #start: () => void;
  /** In a row. */
  #failures = 0;
  #next: Deadline | undefined;

  constructor(deadlines: Deadlines, random: () => number, start: () => void) {
    this.#deadlines = deadlines;
    this.#random = random;
    this.#start = start;
  }

  started(): void {
    this.#failures = 0;
  }

  failed(): void {
    if (this.#next !== undefined) return;
    this.#next = this.#deadlines.after(pauseMs(++this.#failures, this.#random()), () => {
      this.#next = undefined;
      this.#start();
    });
  }

  stop(): void {
    this.#next?.stop();
    this.#next = undefined;
  }
}
