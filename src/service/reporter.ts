/**
 * Reports at intervals, without holding the process, and once more at the end. A report that fails is a warning.
 */
import { inspect } from "node:util";
import type { Clock, StopTimer } from "../core/clock.ts";
import { warn } from "../core/warn.ts";

/** Of a timer of Node's: 24 days. */
export const LONGEST_INTERVAL_MS = 2 ** 31 - 1;

export class Reporter {
  readonly #name: string;
  readonly #intervalMs: number;
  readonly #clock: Clock;
  readonly #report: () => void;
  #stopTimer: StopTimer | undefined;
  #isTelling = false;

  constructor(name: string, intervalMs: number, clock: Clock, report: () => void) {
    this.#name = name;
    this.#intervalMs = intervalMs;
    this.#clock = clock;
    this.#report = report;
  }

  start(): void {
    this.#stopTimer = this.#clock.after(this.#intervalMs, () => {
      this.#tell();
      // Unless the report itself has ended it.
      if (this.#stopTimer !== undefined) this.start();
    });
  }

  stop(): void {
    if (this.#stopTimer === undefined) return;
    this.#stopTimer();
    this.#stopTimer = undefined;
    this.#tell();
  }

  #tell(): void {
    // A report that ends the reports was the last one.
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      this.#report();
    } catch (error) {
      warn("REPORT_FAILED", `A report of ${this.#name} failed: ${inspect(error)}`);
    } finally {
      this.#isTelling = false;
    }
  }
}
