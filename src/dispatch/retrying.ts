/**
 * Calls that are run again because a run failed. Between two runs a call waits for its pause, in no queue and at no worker; it can
 * be ended meanwhile as any other that waits.
 *
 * Not a library's: those wrap a function that is called again, and here it is the call itself that goes back into the queue, where
 * limits, cancellation and shutdown find it.
 */
import type { Deadline, Deadlines } from "../core/deadlines.ts";
import { type FailureKind, isRetriedOn, retryDelayMs } from "../core/retry.ts";
import type { Task } from "../core/task.ts";
import type { CallQueue } from "./call-queue.ts";
import type { Ledger } from "./ledger.ts";
import { hasMoved } from "./loss.ts";

export interface RetryingParts {
  readonly queue: CallQueue;
  readonly ledger: Ledger;
  readonly deadlines: Deadlines;
  readonly random: () => number;
  /** Why nothing can be run now. */
  readonly refusal: () => Error | undefined;
  /** Something is in the queue, and perhaps a worker is free: later. */
  readonly employSoon: () => void;
  /** Something has settled. */
  readonly settled: () => void;
}

export class Retrying {
  readonly #parts: RetryingParts;
  readonly #runs = new WeakMap<Task<unknown>, number>();
  readonly #pausing = new Map<Task<unknown>, Deadline>();

  constructor(parts: RetryingParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#pausing.size;
  }

  tasks(): Task<unknown>[] {
    return [...this.#pausing.keys()];
  }

  /** A run of the call failed, and no worker has it any more. True: it is seen to. */
  takes(task: Task<unknown>, kind: FailureKind, error: unknown): boolean {
    const { retry } = task.options;
    if (retry === undefined || hasMoved(task)) return false;
    const { queue, ledger, deadlines, random } = this.#parts;
    const runs = (this.#runs.get(task) ?? 0) + 1;
    this.#runs.set(task, runs);
    try {
      if (runs >= retry.attempts || !isRetriedOn(retry, kind, error)) return false;
    } catch (own) {
      // The user's function failed: nobody else would hear of it.
      ledger.settle(task, "rejected", own);
      return true;
    }
    ledger.retried(task, error);
    task.watch?.pausing();
    queue.pause(task);
    const delayMs = retryDelayMs(retry, runs, random());
    this.#pausing.set(
      task,
      deadlines.after(delayMs, () => this.#queueAgain(task)),
    );
    return true;
  }

  /** It has settled. */
  forget(task: Task<unknown>): void {
    this.#pausing.get(task)?.stop();
    this.#pausing.delete(task);
    if (this.#parts.queue.free(task)) this.#parts.employSoon();
  }

  #queueAgain(task: Task<unknown>): void {
    const { queue, ledger, refusal, employSoon, settled } = this.#parts;
    this.#pausing.delete(task);
    const reason = refusal();
    if (reason !== undefined) {
      queue.free(task);
      ledger.settle(task, "rejected", reason);
      settled();
      return;
    }
    task.watch?.waiting();
    task.ticket = queue.push(task);
    employSoon();
  }
}
