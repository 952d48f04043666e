/**
 * The life of tasks, for whoever subscribes to `offloop:task` of `node:diagnostics_channel`.
 *
 * Each event is told in a microtask of its own: before anyone who awaits the task goes on, and never in the middle of a transition, so that a
 * subscriber may call whatever it likes. In no particular async context: what a worker answers comes in that of the first call it had.
 * Without subscribers it costs a look at a field.
 */
import { channel } from "node:diagnostics_channel";
import { streamOf } from "./stream-turns.ts";
import type { Task, TaskState } from "./task.ts";
import type { TaskTiming } from "./task-timing.ts";

interface AboutTask {
  /** As `id` of the task. */
  readonly id: number;
  readonly name: string;
  /** The name of the executor that has it. */
  readonly executor: string;
}

interface Submitted extends AboutTask {
  readonly type: "submitted";
  /** In epoch milliseconds. */
  readonly submittedAt: number;
}

/** It left for a worker, where it may wait behind others. Told again when it was taken back and left again. */
interface Sent extends AboutTask {
  readonly type: "sent";
  readonly workerId: number;
}

/** It waits again, without having run: its worker died, or could not load its function. */
interface Requeued extends AboutTask {
  readonly type: "requeued";
  readonly workerId: number | undefined;
}

/** A run of it failed, and it runs again after a pause, as its `retry` says. */
interface Retried extends AboutTask {
  readonly type: "retried";
  readonly workerId: number | undefined;
  readonly error: unknown;
}

/** Told once of each task. What is not known of its timing is not there: no `startedAt` of one that never began. */
interface Settled extends AboutTask, TaskTiming {
  readonly type: "settled";
  readonly state: Exclude<TaskState, "pending" | "running">;
  /** The worker that had it last. */
  readonly workerId: number | undefined;
  /** How often a worker had it, as in `WorkerLostError`. */
  readonly attempts: number;
  /** What it rejected with, if it did. */
  readonly error?: unknown;
}

/**
 * What the channel `offloop:task` of `node:diagnostics_channel` tells, frozen, of each task that counts in the `statistics()` of its
 * executor. A stream is one task, however many items it has. Results are not told.
 *
 * @example
 * ```js
 * import { subscribe } from "node:diagnostics_channel";
 * import { runInExecutor, shutdownDefaultExecutors } from "offloop";
 *
 * subscribe("offloop:task", (event) => {
 *   console.log(event.name, event.type === "settled" ? event.state : event.type);
 * });
 * await runInExecutor(null, Math.sqrt, 16);
 * // => sqrt submitted
 * // => sqrt sent
 * // => sqrt fulfilled
 * await shutdownDefaultExecutors();
 * ```
 */
export type TaskEvent = Submitted | Sent | Requeued | Retried | Settled;

const tasks = channel("offloop:task");

/** Of the tasks of one executor. */
export class TaskEvents {
  readonly #executor: string;

  constructor(executor: string) {
    this.#executor = executor;
  }

  submitted(task: Task<unknown>): void {
    if (!tasks.hasSubscribers) return;
    tell({ type: "submitted", ...this.#about(task), submittedAt: task.timing.submittedAt });
  }

  sent(task: Task<unknown>, workerId: number): void {
    if (!tasks.hasSubscribers || isLaterTurn(task)) return;
    tell({ type: "sent", ...this.#about(task), workerId });
  }

  requeued(task: Task<unknown>): void {
    if (!tasks.hasSubscribers || isLaterTurn(task)) return;
    tell({ type: "requeued", ...this.#about(task), workerId: task.workerId });
  }

  retried(task: Task<unknown>, error: unknown): void {
    if (!tasks.hasSubscribers || isLaterTurn(task)) return;
    tell({ type: "retried", ...this.#about(task), workerId: task.workerId, error });
  }

  /** To be called before the task settles, so that its event comes before what awaits it. */
  settling(task: Task<unknown>, state: Settled["state"], value: unknown): void {
    if (!tasks.hasSubscribers) return;
    queueMicrotask(() => {
      const { timing, workerId, sends: attempts } = task;
      const error = state === "fulfilled" ? {} : { error: value };
      publish({ type: "settled", ...this.#about(task), state, workerId, attempts, ...timing, ...error });
    });
  }

  #about({ id, name }: Task<unknown>): AboutTask {
    return { id, name, executor: this.#executor };
  }
}

/** The first turn of a stream has its number, and stands for it until it has begun. */
function isLaterTurn(task: Task<unknown>): boolean {
  const stream = streamOf(task);
  return stream !== undefined && stream.id !== task.id;
}

function tell(event: TaskEvent): void {
  queueMicrotask(() => publish(event));
}

/** What a subscriber throws is Node's to report: an uncaught exception, in a later turn. */
function publish(event: TaskEvent): void {
  tasks.publish(Object.freeze(event));
}
