/**
 * A scheduler's options, and their defaults: aiojobs'.
 */
import {
  callable,
  checkOptions,
  flag,
  integer,
  milliseconds,
  clockLike,
  text,
} from "../core/check-options.ts";
import type { Clock } from "../core/clock.ts";
import { debugMode } from "../core/debug.ts";
import type { Job } from "./job.ts";

/** An error that no caller sees. */
export interface JobErrorContext {
  readonly message: "Job processing failed" | "Job closing timed out";
  readonly job: Job<unknown>;
  readonly error: unknown;
  /** Where the job was spawned: a stack, with `debug`. */
  readonly source?: string;
}

/** The scheduler, as an `exceptionHandler` sees it. */
export interface SchedulerState {
  readonly name: string;
  readonly activeCount: number;
  readonly pendingCount: number;
  readonly closed: boolean;
}

export interface SchedulerOptions {
  /** How many jobs may run at once. 100 unless set; `Infinity` is allowed. */
  limit?: number;
  /** How many jobs may wait for a place. `spawn` waits beyond that. 10 000 unless set; `Infinity` is allowed. */
  pendingLimit?: number;
  /** How long a job that was asked to end may take, in milliseconds. 100 unless set. */
  closeTimeoutMs?: number;
  /** How long `waitAndClose` waits for jobs to end by themselves, in milliseconds. 60 000 unless set. */
  waitTimeoutMs?: number;
  /** Is told the errors that no caller sees. A process warning (`OFFLOOP_WARN_JOB_FAILED`) unless set. */
  exceptionHandler?(scheduler: SchedulerState, context: JobErrorContext): void;
  /** Notes where each job was spawned. Costs a stack trace for each. Debug mode (`OFFLOOP_DEBUG=1`, `setDebug`) turns it on unless set. */
  debug?: boolean;
  /** For messages. */
  name?: string;
  /** For tests. */
  clock?: Clock;
}

const CHECKS = {
  limit: integer({ least: 1, orInfinity: true }),
  pendingLimit: integer({ least: 0, orInfinity: true }),
  closeTimeoutMs: milliseconds({ least: 0 }),
  waitTimeoutMs: milliseconds({ least: 0 }),
  exceptionHandler: callable,
  debug: flag,
  name: text,
  clock: clockLike,
};

/** @throws TypeError, RangeError naming the option, the bound and the value. */
export function completeSchedulerOptions(options: SchedulerOptions) {
  checkOptions(options, CHECKS, "Scheduler");
  return {
    limit: options.limit ?? 100,
    pendingLimit: options.pendingLimit ?? 10_000,
    closeTimeoutMs: options.closeTimeoutMs ?? 100,
    waitTimeoutMs: options.waitTimeoutMs ?? 60_000,
    exceptionHandler: options.exceptionHandler,
    debug: options.debug ?? debugMode.isOn,
    name: options.name ?? "Scheduler",
    clock: options.clock,
  };
}
