/**
 * `asyncio.all_tasks`.
 */
import { openTasks } from "../core/open-tasks.ts";
import type { Task } from "../core/task.ts";
import { type GroupTask, liveTasks } from "./group-task.ts";

/**
 * What this thread has begun and not ended, as a snapshot: what its task groups run, then the calls of its executors that wait or run, the oldest
 * of each executor first. Each has a `name`, a `state`, and can be asked to end with `cancel()`. Plain promises cannot be listed, and a
 * `Scheduler` of `offloop/jobs` lists its jobs.
 *
 * @example
 * ```js
 * import { allTasks, sleep, TaskGroup } from "offloop/tasks";
 *
 * const group = new TaskGroup();
 * group.spawn((signal) => sleep(60_000, "done", { signal }), { name: "nap" });
 * console.log([...allTasks()].map(({ name, state }) => `${name} ${state}`)); // => [ 'nap running' ]
 * for (const task of allTasks()) task.cancel();
 * await group.join();
 * console.log(allTasks().size); // => 0
 * ```
 */
export function allTasks(): Set<GroupTask<unknown> | Task<unknown>> {
  return new Set([...liveTasks(), ...openTasks()]);
}
