/**
 * The end of an actor, while it lasts: one promise for all who asked for it. The nearest of their limits holds.
 */
import type { Clock, StopTimer } from "../core/clock.ts";

interface Failure {
  readonly error: unknown;
}

export class Disposal {
  readonly ended: Promise<void>;
  #settle: (failure: Failure | undefined) => void = () => {};
  readonly #clock: Clock;
  readonly #late: () => void;
  readonly #timers: StopTimer[] = [];
  /** How the object's own disposal ended, once it has. */
  #outcome: { readonly failure: Failure | undefined } | undefined;

  constructor(clock: Clock, late: () => void) {
    this.#clock = clock;
    this.#late = late;
    this.ended = new Promise<void>((resolve, reject) => {
      this.#settle = (failure) => {
        if (failure === undefined) resolve();
        else reject(failure.error);
      };
    });
  }

  within(timeoutMs: number): Promise<void> {
    const end = (): void => {
      this.#stopTimers();
      this.#late();
      this.#settle(this.#outcome?.failure);
    };
    if (timeoutMs !== Infinity) this.#timers.push(this.#clock.after(timeoutMs, end));
    return this.ended;
  }

  objectEnded(failure: Failure | undefined): void {
    this.#outcome = { failure };
  }

  /** `lost`: why, if the object's own disposal had not ended. */
  workerEnded(lost: () => unknown): void {
    this.#stopTimers();
    this.#settle(this.#outcome === undefined ? { error: lost() } : this.#outcome.failure);
  }

  #stopTimers(): void {
    for (const stop of this.#timers.splice(0)) stop();
  }
}
