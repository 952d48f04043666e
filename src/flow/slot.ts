/**
 * One call of a `map`, with its items, in the order in which these were taken. Where others fill the executor it waits for room: their
 * calls are refused, a map has time.
 */
import { QueueFullError } from "../core/errors.ts";
import type { Executor } from "../core/executor.ts";
import type { Task } from "../core/task.ts";
import type { Outcome } from "./chunk.ts";

export interface SlotEvents {
  fulfilled(slot: Slot, result: unknown): void;
  rejected(slot: Slot, error: unknown): void;
}

export class Slot {
  readonly items: unknown[];
  outcomes: readonly Outcome[] | undefined;
  ticket = 0;
  readonly #executor: Executor;
  readonly #submit: (items: unknown[]) => Task<unknown>;
  #task: Task<unknown>;
  #isWanted = true;

  constructor(executor: Executor, items: unknown[], submit: (items: unknown[]) => Task<unknown>) {
    this.items = items;
    this.#executor = executor;
    this.#submit = submit;
    this.#task = submit(items);
  }

  get runMs(): number | undefined {
    return this.#task.timing.runMs;
  }

  /** One of the events comes, unless it is cancelled or `over` while it waits for room. */
  follow(events: SlotEvents, over: AbortSignal): void {
    this.#task.then(
      (result) => events.fulfilled(this, result),
      (error: unknown) => {
        // A function's own error may be one, too.
        const isRefused = error instanceof QueueFullError && this.#task.timing.startedAt === undefined;
        if (isRefused) this.#sendWhenThereIsRoom(events, over);
        else events.rejected(this, error);
      },
    );
  }

  cancel(): void {
    this.#isWanted = false;
    this.#task.cancel();
  }

  #sendWhenThereIsRoom(events: SlotEvents, over: AbortSignal): void {
    if (!this.#isWanted) return;
    this.#executor.waitForCapacity(over).then(
      () => {
        if (!this.#isWanted) return;
        this.#task = this.#submit(this.items);
        this.follow(events, over);
      },
      (error: unknown) => {
        if (this.#isWanted) events.rejected(this, error);
      },
    );
  }
}
