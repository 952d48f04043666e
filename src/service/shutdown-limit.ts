/**
 * The time that a shutdown has. When it is up the process exits with 70 (EX_SOFTWARE of sysexits.h), as aiomisc's does, and says what it
 * was waiting for.
 */
import { type Clock, type StopTimer, systemClock } from "../core/clock.ts";
import type { Steps } from "./steps.ts";

const TIME_IS_UP_EXIT_CODE = 70;

export class ShutdownLimit {
  readonly #timeoutMs: number;
  readonly #steps: Steps;
  readonly #clock: Clock;
  #endsAt = Infinity;
  #stopTimer: StopTimer | undefined;

  constructor(timeoutMs: number, steps: Steps, clock: Clock = systemClock) {
    this.#timeoutMs = timeoutMs;
    this.#steps = steps;
    this.#clock = clock;
  }

  /** Time runs from the first call on. Its timer holds nothing: a process that can end before does. */
  start(): void {
    if (this.#stopTimer !== undefined) return;
    this.#endsAt = this.#clock.now() + this.#timeoutMs;
    this.#stopTimer = this.#clock.after(this.#timeoutMs, () => this.#check());
  }

  get leftMs(): number {
    return Math.max(0, this.#endsAt - this.#clock.now());
  }

  clear(): void {
    this.#stopTimer?.();
  }

  #check(): void {
    if (this.leftMs > 0) {
      // A timer of Node is at most 24 days long.
      this.#stopTimer = this.#clock.after(this.leftMs, () => this.#check());
      return;
    }
    const { running } = this.#steps;
    const what = running.length > 0 ? running : process.getActiveResourcesInfo();
    process.stderr.write(
      `entrypoint: not down after ${this.#timeoutMs} ms (shutdownTimeoutMs), still: ${what.join(", ")}\n`,
    );
    process.exit(TIME_IS_UP_EXIT_CODE);
  }
}
