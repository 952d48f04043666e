/**
 * What the dispatcher needs of a kind of worker. Threads, processes and the inline executor each implement it; nothing else
 * in dispatching knows which one it has.
 */
import type { Loss } from "../core/errors.ts";
import type { Task } from "../core/task.ts";
import type { Results } from "../wire/messages.ts";
import type { Words } from "../wire/words.ts";

/** Starts workers of one kind. */
export interface WorkerDriver {
  readonly kind: "thread" | "process" | "inline";
  /** Events come later, never from within. @throws when there is nothing that could start. */
  start(workerId: number, events: WorkerEvents): WorkerLink;
}

/** What a worker tells. After `gone` nothing comes any more. */
export interface WorkerEvents {
  /** It takes calls. `nice` is the niceness in force. */
  ready(nice: number | undefined): void;
  /** Its initializer failed. It is still there and must be killed. */
  startFailed(cause: unknown): void;
  results(results: Results): void;
  /** A message cannot be read where it arrived: one of its calls there, or the answer to it here. */
  unreadable(direction: "argument" | "result", cause: unknown): void;
  /** It has ended, asked or not. */
  gone(loss: Loss): void;
}

/** One worker, seen from main. */
export interface WorkerLink {
  readonly threadId: number | undefined;
  readonly pid: number | undefined;
  readonly words: Words;
  /** @throws TravelError for a function argument, and what structured clone throws. Then nothing has left. */
  send(tasks: readonly Task<unknown>[]): void;
  /** Asks a running task to end. */
  stop(taskId: number, reason: unknown): void;
  /** Handles what has arrived but was not read yet, so that a decision to kill rests on the newest state. */
  drain(): void;
  /** Ends it after its finalizer. */
  finish(): void;
  /** Ends it now. False when this kind cannot be ended from outside. */
  kill(): boolean;
}
