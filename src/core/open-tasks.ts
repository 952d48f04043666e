/**
 * The calls of all executors of this thread, found when somebody asks: a list of its own would cost every call.
 */
import type { Task } from "./task.ts";

export interface TaskSource {
  /** What waits or runs, the oldest first. */
  openTasks(): readonly Task<unknown>[];
}

// An executor that was dropped must not stay for this.
const sources = new Set<WeakRef<TaskSource>>();
const collected = new FinalizationRegistry<WeakRef<TaskSource>>((reference) => sources.delete(reference));

export function listTasksOf(source: TaskSource): void {
  const reference = new WeakRef(source);
  sources.add(reference);
  collected.register(source, reference);
}

export function openTasks(): Task<unknown>[] {
  return [...sources].flatMap((reference) => reference.deref()?.openTasks() ?? []);
}
