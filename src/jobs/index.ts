/**
 * Background jobs that are counted, bounded, ended in order, and whose errors somebody sees.
 */
import { markOwnExports } from "../core/own-exports.ts";
import { atomic } from "./atomic.ts";
import { clientGone } from "./client-gone.ts";
import { Job } from "./job.ts";
import { Scheduler } from "./scheduler.ts";

markOwnExports("offloop/jobs", { atomic, clientGone, Job, Scheduler });

export { atomic } from "./atomic.ts";
export { clientGone } from "./client-gone.ts";
export { Job } from "./job.ts";
export { Scheduler } from "./scheduler.ts";

export type { AtomicOptions } from "./atomic.ts";
export type { JobCloseOptions, JobState, JobWaitOptions } from "./job.ts";
export type { SchedulerReport } from "./scheduler.ts";
export type { JobErrorContext, SchedulerOptions, SchedulerState } from "./scheduler-options.ts";
