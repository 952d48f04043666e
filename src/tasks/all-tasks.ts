/**
 * `asyncio.all_tasks`.
 */
import { type GroupTask, liveTasks } from "./group-task.ts";

/**
 * What task groups run on this thread now, the oldest first, as a snapshot. Plain promises cannot be listed, the calls of
 * executors are counted by their `statistics()`, and a `Scheduler` of `offloop/jobs` lists its jobs.
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
export function allTasks(): Set<GroupTask<unknown>> {
  return liveTasks();
}
