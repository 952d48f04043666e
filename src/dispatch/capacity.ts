/**
 * How many calls may wait for busy workers, and who waits for room. They are let in one after the other: whoever was, submits before the
 * next one is looked at.
 */
import { QueueFullError } from "../core/errors.ts";
import type { CompleteOptions } from "../core/executor-options.ts";
import { onAbort } from "../core/on-abort.ts";
import type { Assignment } from "./assignment.ts";

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class Capacity {
  readonly #options: CompleteOptions;
  readonly #work: Pick<Assignment, "crew" | "ledger" | "queue">;
  readonly #waiters = new Set<Waiter>();

  constructor(options: CompleteOptions, work: Pick<Assignment, "crew" | "ledger" | "queue">) {
    this.#options = options;
    this.#work = work;
  }

  /** Why no more can wait. */
  get refusal(): QueueFullError | undefined {
    const { name, maxPending } = this.#options;
    const { crew, ledger, queue } = this.#work;
    // Of those that wait, so many will not wait for another call to end.
    const most = maxPending + crew.free;
    // At the most so many wait. How many of them workers have begun is looked up only when it matters.
    if (queue.size + ledger.inHand - crew.busy < most) return undefined;
    const pending = queue.size + ledger.inHand - ledger.running(crew.seats());
    return pending < most ? undefined : new QueueFullError(name, pending, maxPending);
  }

  /** Resolves when there is room and nobody has waited longer. @throws the signal's reason */
  wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiters.delete(waiter);
        stop?.();
      };
      const waiter: Waiter = {
        resolve() {
          leave();
          resolve();
        },
        reject(error) {
          leave();
          reject(error);
        },
      };
      const stop = signal && onAbort(signal, () => waiter.reject(signal.reason));
      this.#waiters.add(waiter);
    });
  }

  /** Something settled: there may be room. */
  grantSoon(): void {
    if (this.#waiters.size > 0) queueMicrotask(() => this.#grant());
  }

  #grant(): void {
    if (this.#waiters.size === 0 || this.refusal !== undefined) return;
    const [first] = this.#waiters;
    first!.resolve();
    queueMicrotask(() => this.grantSoon());
  }

  /** There never will be any. */
  end(error: unknown): void {
    for (const waiter of this.#waiters) waiter.reject(error);
  }
}
