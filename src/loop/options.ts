/**
 * Options of a monitor, and what they may be.
 */
import {
  type Checks,
  checkOptions,
  integer,
  milliseconds,
  flag,
  callable,
  clockLike,
  oneOf,
  withoutUndefined,
} from "../core/check-options.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import type { Unresponsive } from "./messages.ts";

/** Times in milliseconds. */
export interface LoopMonitorOptions {
  /** A turn of the loop that takes that long is a stall. 100, as asyncio's `slow_callback_duration`; at least 5. */
  thresholdMs?: number;
  /** Time between two samples of a stall's stack; 10. A sample costs the blocked thread about 0.3 ms. */
  sampleMs?: number;
  /** `"auto"`: where the inspector may be used, and said once where not. `false`: never; durations and causes only. */
  stacks?: "auto" | false;
  /**
   * How often a loop that has nothing to do is woken, so that its next stall has a stack from early on. Unless set: never on Linux,
   * where the watchdog reads its CPU time instead, and `thresholdMs / 2` elsewhere and where there are no stacks. Larger values save
   * CPU and cost names; durations stay exact.
   */
  idleHeartbeatMs?: number;
  /**
   * Called in each sample, on the blocked stack: an `AsyncLocalStorage` gives the request that blocks. What it throws is ignored. Not
   * with `stacks: false`, where no sample is taken.
   */
  context?: () => unknown;
  /**
   * What the watchdog does about a loop that does not come back, because nobody else can: `"log"` writes the stall to stderr,
   * `"abort"` ends the process with SIGABRT after that.
   */
  unresponsive?: { afterMs: number; action: "log" | "abort" };
  /**
   * Wraps Node's blocking functions (`fs`, `crypto`, `zlib`, `child_process`: those that end in `Sync`) while the monitor runs, in the
   * thread that watches its loop, so that a stall inside of one is named while it lasts, and its caller is known for sure. Costs
   * 0.1 µs a call. False unless set.
   */
  syncCalls?: boolean;
  /** More stalls than that within a minute are counted, but not told; 30. */
  maxStallsPerMinute?: number;
  /**
   * The time to measure by, for tests. On a clock of one's own nothing is idle: what passes on it between two turns of the loop
   * is what the turn took. There are no stacks then, no thread pool and no watchdog, so `context`, `unresponsive`, `syncCalls` and
   * `idleHeartbeatMs`, which need them, are refused.
   */
  clock?: Clock;
}

export interface CompleteMonitorOptions {
  readonly thresholdMs: number;
  readonly sampleMs: number;
  readonly stacks: "auto" | false;
  readonly idleHeartbeatMs: number | undefined;
  readonly context: (() => unknown) | undefined;
  readonly syncCalls: boolean;
  readonly unresponsive: Unresponsive | undefined;
  readonly maxStallsPerMinute: number;
  readonly clock: Clock;
}

const LONGEST_MS = 3_600_000;
const unresponsive: Checks<Unresponsive> = {
  afterMs: milliseconds({ least: 100, most: LONGEST_MS }),
  action: oneOf("log", "abort"),
};

const CHECKS: Checks<LoopMonitorOptions> = {
  thresholdMs: milliseconds({ least: 5, most: LONGEST_MS }),
  sampleMs: milliseconds({ least: 1, most: LONGEST_MS }),
  stacks: (value) =>
    value === "auto" || value === false ? undefined : { kind: "type", expected: `"auto" or false` },
  idleHeartbeatMs: milliseconds({ least: 5, most: LONGEST_MS }),
  context: callable,
  unresponsive: (value) =>
    typeof value === "object" && value !== null
      ? undefined
      : { kind: "type", expected: "{ afterMs, action }" },
  maxStallsPerMinute: integer({ least: 1, orInfinity: true }),
  clock: clockLike,
  syncCalls: flag,
};

/** @throws TypeError, RangeError naming the option, the bound and the value. */
export function completeMonitorOptions(options: LoopMonitorOptions): CompleteMonitorOptions {
  const owner = "watchLoop";
  checkOptions(options, CHECKS, owner);
  if (options.unresponsive !== undefined) {
    checkOptions(options.unresponsive, unresponsive, `${owner}: unresponsive`);
    for (const key of ["afterMs", "action"] as const) {
      if (options.unresponsive[key] === undefined) {
        throw new TypeError(`${owner}: unresponsive needs "${key}"`);
      }
    }
  }
  refuseIdle(options, owner);
  return {
    thresholdMs: 100,
    sampleMs: 10,
    stacks: "auto",
    idleHeartbeatMs: undefined,
    context: undefined,
    syncCalls: false,
    unresponsive: undefined,
    maxStallsPerMinute: 30,
    clock: systemClock,
    ...withoutUndefined(options),
  };
}

const NEED_WATCHDOG = ["context", "unresponsive", "syncCalls", "idleHeartbeatMs"] as const;

/** What nobody would act on is not taken as if somebody did. */
function refuseIdle(options: LoopMonitorOptions, owner: string): void {
  const { clock = systemClock, stacks, context } = options;
  const idle = NEED_WATCHDOG.find((key) => options[key] !== undefined && options[key] !== false);
  if (clock !== systemClock && idle !== undefined) {
    throw new TypeError(
      `${owner}: option "${idle}" needs the watchdog, and there is none on a clock of your own`,
    );
  }
  if (stacks === false && context !== undefined) {
    throw new TypeError(`${owner}: option "context" needs samples, and there are none with stacks: false`);
  }
}
