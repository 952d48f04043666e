/**
 * Whether an executor takes calls: its life cycle, as the errors that a caller gets.
 */
import type { Clock } from "../core/clock.ts";
import { BrokenExecutorError, ExecutorClosedError } from "../core/errors.ts";
import * as lifecycle from "../core/lifecycle.ts";

export class Admission {
  readonly #executor: string;
  readonly #clock: Clock;
  readonly #random: () => number;
  #life: lifecycle.Lifecycle = lifecycle.RUNNING;

  constructor(executor: string, clock: Clock, random: () => number) {
    this.#executor = executor;
    this.#clock = clock;
    this.#random = random;
  }

  get state(): lifecycle.LifecycleState {
    return this.#life.kind;
  }

  get open(): boolean {
    return this.#life.kind !== "draining" && this.#life.kind !== "closed";
  }

  /** Why nothing can be run, though it was taken. */
  broken(): BrokenExecutorError | undefined {
    const refusal = this.refusal();
    return refusal instanceof BrokenExecutorError ? refusal : undefined;
  }

  /** Why nothing is taken now. A broken executor is tried again by whoever asks after its pause. */
  refusal(): BrokenExecutorError | ExecutorClosedError | undefined {
    // Most calls: no look at the clock.
    if (this.#life.kind === "running") return undefined;
    switch (lifecycle.admission(this.#life, this.#clock.now())) {
      case "take":
        return undefined;
      case "probe":
        this.#life = lifecycle.probe(this.#life);
        return undefined;
      case "refuse-broken":
        return this.#life.kind === "broken"
          ? new BrokenExecutorError(this.#executor, this.#life.cause)
          : undefined;
      case "refuse-closed":
        return new ExecutorClosedError(this.#executor);
    }
  }

  started(): void {
    this.#life = lifecycle.started(this.#life);
  }

  failed(cause: unknown): BrokenExecutorError {
    this.#life = lifecycle.failed(this.#life, cause, this.#clock.now(), this.#random());
    return new BrokenExecutorError(this.#executor, cause);
  }

  drain(): void {
    this.#life = lifecycle.drain(this.#life);
  }

  close(): void {
    this.#life = lifecycle.close();
  }
}
