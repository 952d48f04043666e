/**
 * Who waits until nothing is left to do.
 */
import type { Clock } from "../core/clock.ts";
import { holdingTimer } from "../core/holding-timer.ts";

export class IdleWaits {
  readonly #isIdle: () => boolean;
  readonly #clock: Clock | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(isIdle: () => boolean, clock: Clock | undefined) {
    this.#isIdle = isIdle;
    this.#clock = clock;
  }

  /** To be called whenever something has ended. */
  look(): void {
    if (this.#isIdle()) for (const wake of this.#waiting) wake();
  }

  /** Resolves when nothing is left, or the time is up. */
  async wait(timeoutMs: number): Promise<void> {
    if (this.#isIdle()) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        stopTimer();
        resolve();
      };
      const stopTimer = holdingTimer(this.#clock, timeoutMs, wake);
      this.#waiting.add(wake);
    });
  }
}
