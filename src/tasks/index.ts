/**
 * asyncio's toolbox, for promises and the tasks of executors.
 */
import { markOwnExports } from "../core/own-exports.ts";
import { aggregate } from "./aggregate.ts";
import { allTasks } from "./all-tasks.ts";
import { asCompleted } from "./as-completed.ts";
import { backoff } from "./backoff.ts";
import { gather } from "./gather.ts";
import { shield } from "./shield.ts";
import { sleep } from "./sleep.ts";
import { TaskGroup } from "./task-group.ts";
import { timeout } from "./timeout.ts";
import { wait } from "./wait.ts";
import { yieldToLoop } from "./yield-to-loop.ts";

markOwnExports("offloop/tasks", {
  aggregate,
  allTasks,
  asCompleted,
  backoff,
  gather,
  shield,
  sleep,
  TaskGroup,
  timeout,
  wait,
  yieldToLoop,
});

export { aggregate } from "./aggregate.ts";
export { allTasks } from "./all-tasks.ts";
export { asCompleted } from "./as-completed.ts";
export { backoff } from "./backoff.ts";
export { gather } from "./gather.ts";
export { shield } from "./shield.ts";
export { sleep } from "./sleep.ts";
export { TaskGroup } from "./task-group.ts";
export { timeout } from "./timeout.ts";
export { ALL_COMPLETED, FIRST_COMPLETED, FIRST_ERROR, wait } from "./wait.ts";
export { yieldToLoop } from "./yield-to-loop.ts";

export type { AggregateOptions, Batch } from "./aggregate.ts";
export type { AsCompletedOptions, Completions } from "./as-completed.ts";
export type { BackoffOptions } from "./backoff.ts";
export type { GatherOptions } from "./gather.ts";
export type { GroupTask, GroupTaskState } from "./group-task.ts";
export type { ShieldOptions } from "./shield.ts";
export type { SleepOptions } from "./sleep.ts";
export type { TaskGroupOptions } from "./task-group.ts";
export type { TimeoutOptions } from "./timeout.ts";
export type { WaitOptions, WaitResult } from "./wait.ts";
export type { PromiseWrapper } from "./wrapper.ts";
