/**
 * What a task knows of those who have it.
 */
import type { Clock } from "./clock.ts";
import type { StackFrame } from "./errors.ts";

/** What a task needs of the executor that holds it. */
export interface Owner<Task> {
  readonly clock: Clock;
  cancel(task: Task, reason: unknown): boolean;
  /** Where it runs, for an owner that can tell. */
  stack?(task: Task): Promise<readonly StackFrame[] | undefined>;
}

/** Where a task is that was handed over. */
export interface Place<Task> {
  /** The worker's. */
  readonly id: number;
  hasBegun(task: Task): boolean;
  /** When, on the executor's clock, for one that has begun. */
  startedAt(task: Task): number;
}

/** What ends a task from outside. Stopped when the task settles, so that nothing outlives it. */
export interface TaskWatch {
  /** It waits anew: its worker died. */
  waiting(): void;
  /** It waits for its next run, and for no worker: only its signal can end it. */
  pausing(): void;
  /** It goes on waiting. */
  takenBack(): void;
  /** It was handed over, to be begun at once or behind others. */
  sent(isNext: boolean): void;
  stop(): void;
}
