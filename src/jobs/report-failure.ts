/**
 * A job's error that no caller sees, told to somebody.
 */
import { inspect } from "node:util";
import { reportUnseen } from "../core/unseen-error.ts";
import { warn } from "../core/warn.ts";
import type { JobErrorContext, SchedulerOptions, SchedulerState } from "./scheduler-options.ts";

/** Never throws: an error of the handler is told, too. */
export function reportFailure(
  scheduler: SchedulerState,
  context: JobErrorContext,
  handler: SchedulerOptions["exceptionHandler"],
): void {
  const { message, job, error, source } = context;
  if (handler === undefined) {
    const where = source === undefined ? "" : `\nSpawned ${source}`;
    return warn("JOB_FAILED", `${scheduler.name}: ${message}: ${job.name}: ${inspect(error)}${where}`);
  }
  try {
    handler(scheduler, context);
  } catch (handlersOwn) {
    reportUnseen(handlersOwn, `The exceptionHandler of ${scheduler.name} failed on ${job.name}`);
  }
}
