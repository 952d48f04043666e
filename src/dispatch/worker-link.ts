/**
 * What the dispatcher needs of a kind of worker. Threads, processes and the inline executor each implement it; nothing else
 * in dispatching knows which one it has.
 */
import type { Loss, StackFrame } from "../core/errors.ts";
import type { Task } from "../core/task.ts";
import type { CallRange, Results } from "../wire/messages.ts";
import type { Words } from "../wire/words.ts";

/** Starts workers of one kind. */
export interface WorkerDriver {
  readonly kind: "thread" | "process" | "inline";
  /** How many calls a worker may have at a time. 1: each leaves when the one before it was answered. */
  readonly mostInFlight: number;
  /** Events come later, never from within. @throws when there is nothing that could start. */
  start(workerId: number, events: WorkerEvents): WorkerLink;
}

/** A message that cannot be read where it arrived: calls there, or answers to them here. */
export interface Unreadable {
  readonly direction: "argument" | "result";
  readonly cause: unknown;
  /** Where that is known. */
  readonly calls?: CallRange | undefined;
}

/** What a worker tells, and asks. After `gone` nothing comes any more. */
export interface WorkerEvents {
  /** It takes calls. `nice` is the niceness in force. */
  ready(nice: number | undefined): void;
  /** Its initializer failed. It is still there and must be killed. */
  startFailed(cause: unknown): void;
  results(results: Results): void;
  unreadable(message: Unreadable): void;
  /** It has ended, asked or not. */
  gone(loss: Loss): void;
  /** One of its calls, by the task's id. */
  task(id: number): Task<unknown> | undefined;
  /** Whether it has calls that it did not answer. */
  hasCalls(): boolean;
}

/** One worker, seen from main. */
export interface WorkerLink {
  readonly threadId: number | undefined;
  readonly pid: number | undefined;
  readonly words: Words;
  /** The way to it is full: what is sent now only waits in this process. */
  readonly isCongested: boolean;
  /** The calls get the numbers from `first` on. @throws TravelError for a function argument, and what structured clone throws. Then nothing has left. */
  send(tasks: readonly Task<unknown>[], first: number): void;
  /** Asks a running task to end. */
  stop(taskId: number, reason: unknown): void;
  /** Where a running task is. Not of every kind. Undefined when that is not known within the limit; never rejects. */
  taskStack?(taskId: number, withinMs: number): Promise<StackFrame[] | undefined>;
  /** Handles what has arrived but was not read yet, so that a decision to kill rests on the newest state. */
  drain(): void;
  /** Ends it after its finalizer. */
  finish(): void;
  /** Ends it now. False when this kind cannot be ended from outside. */
  kill(): boolean;
}
