/**
 * An executor's options, checked and completed.
 */
import { inspect } from "node:util";
import {
  type Checks,
  callable,
  clockLike,
  checkOptions,
  flag,
  integer,
  list,
  milliseconds,
  oneOf,
  record,
  strings,
  text,
  withoutUndefined,
} from "./check-options.ts";
import { systemClock } from "./clock.ts";
import { resourceLimits } from "./resource-limits.ts";
import type { ExecutorOptions } from "./executor.ts";

const workers = integer({ least: 1 });

export const EXECUTOR_OPTION_CHECKS: Checks<ExecutorOptions> = {
  name: text,
  minWorkers: integer({ least: 0 }),
  maxWorkers: workers,
  maxPending: integer({ least: 0, orInfinity: true }),
  idleTimeoutMs: milliseconds({ least: 0 }),
  startTimeoutMs: milliseconds({ least: 0, exclusive: true }),
  timeoutMs: milliseconds({ least: 0, exclusive: true }),
  queueTimeoutMs: milliseconds({ least: 0, exclusive: true }),
  cancelGraceMs: milliseconds({ least: 0 }),
  nice: integer({ least: 0, most: 19 }),
  initializer: callable,
  initializerArgs: list,
  finalizer: callable,
  env: record,
  execArgv: strings,
  stacks: flag,
  clock: clockLike,
  maxTasksPerWorker: integer({ least: 1 }),
  maxWorkerAgeMs: milliseconds({ least: 0, exclusive: true }),
  maxWorkerMemoryBytes: integer({ least: 1 }),
  stdio: oneOf("inherit", "ignore", "stderr"),
  context: strings,
  resourceLimits,
};

/** What an executor knows for sure. Options without a default stay as they were given. */
export interface CompleteOptions extends ExecutorOptions {
  name: string;
  minWorkers: number;
  maxWorkers: number;
  maxPending: number;
  idleTimeoutMs: number;
  startTimeoutMs: number;
  cancelGraceMs: number;
}

export interface ExecutorDefaults {
  readonly name: string;
  readonly maxWorkers: () => number;
}

/** @throws TypeError, RangeError naming the option, the bound and the value. */
export function completeOptions(
  options: ExecutorOptions,
  owner: string,
  defaults: ExecutorDefaults,
): CompleteOptions & { clock: NonNullable<ExecutorOptions["clock"]> } {
  checkOptions(options, EXECUTOR_OPTION_CHECKS, owner);
  refuseArgumentsOfNothing(options, owner);
  return {
    name: defaults.name,
    minWorkers: 0,
    maxPending: 100_000,
    idleTimeoutMs: 30_000,
    startTimeoutMs: 30_000,
    cancelGraceMs: 1_000,
    clock: systemClock,
    maxWorkers: options.maxWorkers ?? Math.max(defaults.maxWorkers(), options.minWorkers ?? 0),
    ...withoutUndefined(options),
  };
}

/** They would be silently ignored. @throws TypeError */
function refuseArgumentsOfNothing({ initializer, initializerArgs }: ExecutorOptions, owner: string): void {
  if (initializerArgs === undefined || initializer !== undefined) return;
  const got = inspect(initializerArgs, { depth: 0, maxArrayLength: 3, maxStringLength: 40 });
  throw new TypeError(
    `${owner}: option "initializerArgs" needs an initializer, got ${got} and no initializer`,
  );
}

export const RESIZE_CHECKS: Checks<{ minWorkers?: number; maxWorkers?: number }> = {
  minWorkers: integer({ least: 0 }),
  maxWorkers: workers,
};

export const SHUTDOWN_CHECKS = {
  cancelPending: (value: unknown) =>
    typeof value === "boolean" ? undefined : ({ kind: "type", expected: "true or false" } as const),
  timeoutMs: milliseconds({ least: 0 }),
};
