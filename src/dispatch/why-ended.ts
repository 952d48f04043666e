/**
 * Why a worker was ended, for those who lose something by it.
 */
import { ExecutorClosedError, TaskTimeoutError } from "../core/errors.ts";
import type { Task } from "../core/task.ts";

export const SHUT_DOWN = "its executor was shut down";

/** The task settled, with this reason, and its worker did not come back in time. */
export function whyEnded({ name }: Task<unknown>, reason: unknown): string {
  if (reason instanceof TaskTimeoutError) {
    return `task ${name} was still running after ${reason.timeoutMs} ms`;
  }
  if (reason instanceof ExecutorClosedError) return SHUT_DOWN;
  return `task ${name} was cancelled`;
}
