/**
 * The options of an actor, checked and completed.
 */
import type { CallOptions } from "../core/call-options.ts";
import {
  checkOptions,
  clockLike,
  integer,
  milliseconds,
  oneOf,
  record,
  strings,
  text,
  withoutUndefined,
} from "../core/check-options.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { type ResourceLimits, resourceLimits } from "../core/resource-limits.ts";
import type { Stdio } from "../core/stdio.ts";
import { refuseThreadLimits } from "../pools/heap-options.ts";
import { defaultNice } from "../pools/worker-setup.ts";

export interface ActorOptions {
  /** Where it lives: a thread starts faster, a process may crash without harm to this one. `"thread"` unless set. */
  executor?: "thread" | "process";
  /** In errors. The name of the class unless set. */
  name?: string;
  /**
   * What becomes of it when its worker dies. `"never"`: each further call rejects. `"on-crash"`: the next call starts a worker, in which the
   * class is constructed again with the same arguments, as they were at first. Calls that were not answered reject in either case and
   * are never run twice. `"never"` unless set, because a new object has not the state of the old one.
   */
  restart?: "never" | "on-crash";
  /** How many restarts without an answered call between them. 5 unless set. This and the pauses need `restart: "on-crash"`. */
  maxRestarts?: number;
  /** The pause before the first restart, in milliseconds; it doubles with each further one, up to `maxRestartDelayMs`. 100 unless set. */
  restartDelayMs?: number;
  /** At least `restartDelayMs`. 10 000 unless set, or that if it is more. */
  maxRestartDelayMs?: number;
  /** How long the worker and the constructor may take together, in milliseconds. 30 000 unless set. */
  startTimeoutMs?: number;
  /** How long disposal waits for the calls before it and the object's own disposal before it ends the worker. 10 000 unless set. */
  disposeTimeoutMs?: number;
  /** How the class gets there, as for functions. `"auto"` unless set. */
  travel?: CallOptions["travel"];
  /** Niceness of the worker: 19 unless set, 0 on macOS, as for executors. */
  nice?: number;
  env?: NodeJS.ProcessEnv;
  execArgv?: string[];
  resourceLimits?: ResourceLimits;
  /** Where what it prints goes: to the streams of this process, nowhere, or all of it to stderr. `"inherit"` unless set. */
  stdio?: Stdio;
  /** For tests. */
  clock?: Clock;
}

export interface CompleteActorOptions extends ActorOptions {
  executor: "thread" | "process";
  name: string;
  restart: "never" | "on-crash";
  maxRestarts: number;
  restartDelayMs: number;
  maxRestartDelayMs: number;
  startTimeoutMs: number;
  disposeTimeoutMs: number;
  clock: Clock;
}

// A year. Infinity would keep the calls that wait for a restart, and the process, for ever.
const LONGEST_PAUSE_MS = 365 * 24 * 3_600_000;

export const ACTOR_OPTION_CHECKS = {
  executor: oneOf("thread", "process"),
  name: text,
  restart: oneOf("never", "on-crash"),
  maxRestarts: integer({ least: 1, orInfinity: true }),
  restartDelayMs: milliseconds({ least: 0, most: LONGEST_PAUSE_MS }),
  maxRestartDelayMs: milliseconds({ least: 0, most: LONGEST_PAUSE_MS }),
  startTimeoutMs: milliseconds({ least: 0, exclusive: true }),
  disposeTimeoutMs: milliseconds({ least: 0 }),
  travel: oneOf("auto", "reference", "value"),
  nice: integer({ least: 0, most: 19 }),
  env: record,
  execArgv: strings,
  resourceLimits,
  stdio: oneOf("inherit", "ignore", "stderr"),
  clock: clockLike,
};

/** @throws TypeError, RangeError naming the option, the bound and the value. */
export function completeActorOptions(options: ActorOptions, className: string): CompleteActorOptions {
  checkOptions(options, ACTOR_OPTION_CHECKS, "spawnActor");
  if (options.executor === "process") refuseThreadLimits(options, "spawnActor");
  const nice = defaultNice();
  const complete: CompleteActorOptions = {
    executor: "thread",
    name: className,
    restart: "never",
    maxRestarts: 5,
    restartDelayMs: 100,
    maxRestartDelayMs: Math.max(10_000, options.restartDelayMs ?? 0),
    startTimeoutMs: 30_000,
    disposeTimeoutMs: 10_000,
    clock: systemClock,
    ...(nice !== undefined && { nice }),
    ...withoutUndefined(options),
  };
  checkRestarts(options, complete);
  return complete;
}

/** What would be silently ignored. @throws TypeError, RangeError */
function checkRestarts(given: ActorOptions, complete: CompleteActorOptions): void {
  const { restart, restartDelayMs, maxRestartDelayMs } = complete;
  for (const key of ["maxRestarts", "restartDelayMs", "maxRestartDelayMs"] as const) {
    if (restart === "on-crash" || given[key] === undefined) continue;
    throw new TypeError(
      `spawnActor: option "${key}" needs restart: "on-crash", got ${JSON.stringify(restart)}`,
    );
  }
  if (restartDelayMs > maxRestartDelayMs) {
    throw new RangeError(
      `spawnActor: option "maxRestartDelayMs" must be at least restartDelayMs, ${restartDelayMs} (milliseconds), got ${maxRestartDelayMs}`,
    );
  }
}

const DISPOSE_CHECKS = { timeoutMs: milliseconds({ least: 0 }) };

/** @throws TypeError, RangeError */
export function checkDisposeOptions(options: { timeoutMs?: number }): void {
  checkOptions(options, DISPOSE_CHECKS, "dispose");
}
