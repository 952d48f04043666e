/**
 * Whether the loop, or the thread pool, is behind more than a limit allows, by its last second: one stall trips it, and a second
 * later it has recovered.
 */
import { type Checks, checkOptions, milliseconds } from "../core/check-options.ts";
import type { LagWindow } from "./lag-windows.ts";

export interface PressureLimits {
  /** Lag in milliseconds, at the percentile. */
  maxLagMs?: number;
  /** Of the lag; 99. Time-weighted, so a stall of `maxLagMs` + 10 ms in a second reaches it. */
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
  /** When to come again. */
  readonly retryAfterMs?: number;
}

export const PRESSURE_WINDOW_MS = 1_000;

const unit = (value: unknown): ReturnType<Checks<PressureLimits>["maxLagMs"]> =>
  typeof value !== "number"
    ? { kind: "type", expected: "a number" }
    : value > 0 && value <= 1
      ? undefined
      : { kind: "range", expected: "greater than 0 and at most 1" };

export const PRESSURE_CHECKS: Checks<PressureLimits> = {
  maxLagMs: milliseconds({ least: 0 }),
  percentile: (value) =>
    value === 50 || value === 90 || value === 99 ? undefined : { kind: "range", expected: "50, 90 or 99" },
  maxUtilization: unit,
  maxThreadpoolLagMs: milliseconds({ least: 0 }),
};

/** @throws TypeError, RangeError. Without any limit nothing would ever be shed, which nobody wants to find out in production. */
export function checkLimits(limits: PressureLimits, owner: string): void {
  checkOptions(limits, PRESSURE_CHECKS, owner);
  const { maxLagMs, maxUtilization, maxThreadpoolLagMs } = limits;
  if (maxLagMs === undefined && maxUtilization === undefined && maxThreadpoolLagMs === undefined) {
    throw new TypeError(`${owner}: give at least one of maxLagMs, maxUtilization, maxThreadpoolLagMs`);
  }
}

export function pressureOf(
  { lag, utilization }: LagWindow,
  threadpoolLagMs: number,
  {
    maxLagMs = Infinity,
    percentile = 99,
    maxUtilization = Infinity,
    maxThreadpoolLagMs = Infinity,
  }: PressureLimits,
): Pressure {
  const lagMs = lag[`p${percentile}`];
  if (lagMs > maxLagMs) return overloaded("lag", lagMs);
  if (utilization > maxUtilization) return overloaded("utilization", utilization);
  if (threadpoolLagMs > maxThreadpoolLagMs) return overloaded("threadpool-lag", threadpoolLagMs);
  return { overloaded: false };
}

function overloaded(reason: NonNullable<Pressure["reason"]>, value: number): Pressure {
  return { overloaded: true, reason, value, retryAfterMs: PRESSURE_WINDOW_MS };
}
