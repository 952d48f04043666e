/**
 * Load shedding: while the loop is further behind than a limit allows, a request is answered with 503 and a `Retry-After`, which
 * costs microseconds, instead of waiting with all the others until its client has given up.
 */
import { checkOptions, type Checks } from "../core/check-options.ts";
import { type LoopMonitor, type Pressure, type PressureLimits, watchLoop } from "../index.ts";

/** Times in milliseconds. At least one limit; see {@link PressureLimits}. */
export interface SheddingOptions<Request> extends PressureLimits {
  /** Whose numbers are used. One is made unless given, and runs as long as the process. */
  monitor?: LoopMonitor;
  /** Requests that are let through whatever the pressure is: health checks, administration. */
  exempt?: (request: Request) => boolean;
}

/** What every answer says. */
export const STATUS = 503;
export const MESSAGE = "Service Unavailable: the event loop is overloaded, try again later";

export interface Shedding<Request> {
  readonly monitor: LoopMonitor;
  /** Undefined: serve it. */
  refusal(request: Request): { readonly pressure: Pressure; readonly retryAfterSeconds: number } | undefined;
}

const isMonitor = (value: unknown): boolean =>
  typeof (value as Partial<LoopMonitor> | null)?.pressure === "function";

/** @throws TypeError, RangeError for bad options, at once and not at the first request. */
export function shedding<Request>(options: SheddingOptions<Request>, owner: string): Shedding<Request> {
  checkOptions(options, CHECKS, owner);
  const { monitor: given, exempt, ...limits } = options;
  // Checks the limits, too.
  const monitor = given ?? watchLoop();
  try {
    monitor.pressure(limits);
  } catch (error) {
    if (given === undefined) void monitor.stop();
    throw error;
  }
  return {
    monitor,
    refusal(request) {
      const pressure = monitor.pressure(limits);
      if (!pressure.overloaded || exempt?.(request) === true) return undefined;
      return { pressure, retryAfterSeconds: Math.max(1, Math.ceil((pressure.retryAfterMs ?? 0) / 1_000)) };
    },
  };
}

/** The limits themselves are for the monitor to check. */
const anything = (): undefined => undefined;
const CHECKS: Checks<SheddingOptions<never>> = {
  monitor: (value) => (isMonitor(value) ? undefined : { kind: "type", expected: "a LoopMonitor" }),
  exempt: (value) => (typeof value === "function" ? undefined : { kind: "type", expected: "a function" }),
  maxLagMs: anything,
  percentile: anything,
  maxUtilization: anything,
  maxThreadpoolLagMs: anything,
};
