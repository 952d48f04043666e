/**
 * The results of one call in each worker.
 */
import type { Task } from "../core/task.ts";

/** @throws AggregateError with the errors of those that failed, when all have ended. */
export async function resultsOfAll(name: string, tasks: readonly Task<unknown>[]): Promise<unknown[]> {
  const outcomes = await Promise.allSettled(tasks);
  const errors = outcomes.flatMap((outcome): unknown[] =>
    outcome.status === "rejected" ? [outcome.reason] : [],
  );
  if (errors.length > 0) {
    throw new AggregateError(errors, `${name} failed in ${errors.length} of ${tasks.length} workers`);
  }
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<unknown>).value);
}
