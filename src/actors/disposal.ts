/**
 * The end of an actor, while it lasts: one promise for all who asked for it, with a limit.
 */
import type { Clock } from "../core/clock.ts";

interface Failure {
  readonly error: unknown;
}

export class Disposal {
  readonly ended: Promise<void>;
  #settle: (failure: Failure | undefined) => void = () => {};
  readonly #stopTimer: () => void;
  /** How the object's own disposal ended, once it has. */
  #outcome: { readonly failure: Failure | undefined } | undefined;

  constructor(clock: Clock, timeoutMs: number, late: () => void) {
    this.ended = new Promise<void>((resolve, reject) => {
      this.#settle = (failure) => {
        if (failure === undefined) resolve();
        else reject(failure.error);
      };
    });
    const end = (): void => {
      late();
      this.#settle(this.#outcome?.failure);
    };
    this.#stopTimer = timeoutMs === Infinity ? () => {} : clock.after(timeoutMs, end);
  }

  objectEnded(failure: Failure | undefined): void {
    this.#outcome = { failure };
  }

  /** `lost`: why, if the object's own disposal had not ended. */
  workerEnded(lost: () => unknown): void {
    this.#stopTimer();
    this.#settle(this.#outcome === undefined ? { error: lost() } : this.#outcome.failure);
  }
}
