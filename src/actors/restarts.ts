/**
 * Whether an actor whose worker died starts again, and after which pause.
 */
import { retryDelayMs } from "../core/retry.ts";
import type { CompleteActorOptions } from "./options.ts";

export class Restarts {
  readonly #options: CompleteActorOptions;
  /** Since the last answer. */
  #crashes = 0;

  constructor(options: CompleteActorOptions) {
    this.#options = options;
  }

  answered(): void {
    this.#crashes = 0;
  }

  /** When the next start may be; undefined when there is to be none. */
  crashed(): number | undefined {
    const { restart, maxRestarts, restartDelayMs, maxRestartDelayMs, clock } = this.#options;
    if (restart === "never" || ++this.#crashes > maxRestarts) return undefined;
    const backoff = { initialMs: restartDelayMs, maxMs: maxRestartDelayMs, factor: 2, jitter: 0 };
    return clock.now() + retryDelayMs({ attempts: maxRestarts, backoff }, this.#crashes, 0);
  }
}
