/**
 * Whether the loop, or the thread pool, is behind more than a limit allows, by its last second: one stall trips it, and a second
 * later it has recovered. A limit on lag that a second cannot show is held against as many seconds as can.
 */
import { type Checks, checkOptions, milliseconds } from "../core/check-options.ts";
import { type LagWindow, windowMsFor } from "./lag-windows.ts";

export interface PressureLimits {
  /**
   * Lag in milliseconds, at the percentile, in the last second. Nobody who came within a second waits for longer than that at its
   * end, so from 891 ms on (810 and 450 at the percentiles 90 and 50) the window is the shortest in which the lag can exceed the limit:
   * two seconds for 900 ms, three for 1 500. Below 58 s (53 s, 29 s), because a minute is remembered.
   */
  maxLagMs?: number;
  /** Of the lag; 99. Time-weighted, so a stall of `maxLagMs` + 10 ms in a second reaches it; + 30 ms in three. */
  percentile?: 50 | 90 | 99;
  /** Part of the time that the loop may be busy, 0 to 1. */
  maxUtilization?: number;
  /** What a job of libuv's thread pool may wait for a thread. */
  maxThreadpoolLagMs?: number;
}

export interface Pressure {
  readonly overloaded: boolean;
  /** Which limit is broken. */
  readonly reason?: "lag" | "utilization" | "threadpool-lag";
  readonly value?: number;
  /** When to come again: when the window has passed. */
  readonly retryAfterMs?: number;
}

export const PRESSURE_WINDOW_MS = 1_000;

const unit = (value: unknown): ReturnType<Checks<PressureLimits>["maxLagMs"]> =>
  typeof value !== "number"
    ? { kind: "type", expected: "a number" }
    : value > 0 && value <= 1
      ? undefined
      : { kind: "range", expected: "greater than 0 and at most 1" };

const PRESSURE_CHECKS: Checks<PressureLimits> = {
  maxLagMs: milliseconds({ least: 0 }),
  percentile: (value) =>
    value === 50 || value === 90 || value === 99 ? undefined : { kind: "range", expected: "50, 90 or 99" },
  maxUtilization: unit,
  maxThreadpoolLagMs: milliseconds({ least: 0 }),
};

/** The window that shows a limit on lag. */
export function lagWindowMs({ maxLagMs = 0, percentile = 99 }: PressureLimits): number | undefined {
  return maxLagMs === Infinity ? PRESSURE_WINDOW_MS : windowMsFor(maxLagMs, percentile / 100);
}

/** @throws TypeError, RangeError. Without any limit nothing would ever be shed, which nobody wants to find out in production. */
export function checkLimits(limits: PressureLimits, owner: string): void {
  checkOptions(limits, PRESSURE_CHECKS, owner);
  const { maxLagMs, maxUtilization, maxThreadpoolLagMs } = limits;
  if (maxLagMs === undefined && maxUtilization === undefined && maxThreadpoolLagMs === undefined) {
    throw new TypeError(`${owner}: give at least one of maxLagMs, maxUtilization, maxThreadpoolLagMs`);
  }
  if (lagWindowMs(limits) === undefined) {
    throw new RangeError(
      `${owner}: maxLagMs ${maxLagMs} is more than the last minute can show at percentile ${limits.percentile ?? 99}`,
    );
  }
}

export function pressureOf(
  window: LagWindow,
  { ms, lag }: LagWindow,
  threadpoolLagMs: number,
  {
    maxLagMs = Infinity,
    percentile = 99,
    maxUtilization = Infinity,
    maxThreadpoolLagMs = Infinity,
  }: PressureLimits,
): Pressure {
  const lagMs = lag[`p${percentile}`];
  if (lagMs > maxLagMs) return overloaded("lag", lagMs, ms);
  const { utilization } = window;
  if (utilization > maxUtilization) return overloaded("utilization", utilization);
  if (threadpoolLagMs > maxThreadpoolLagMs) return overloaded("threadpool-lag", threadpoolLagMs);
  return { overloaded: false };
}

function overloaded(
  reason: NonNullable<Pressure["reason"]>,
  value: number,
  retryAfterMs = PRESSURE_WINDOW_MS,
): Pressure {
  return { overloaded: true, reason, value, retryAfterMs };
}
