/**
 * A stall, from what the watchdog saw of it and what is known of its time.
 */
import { causeOf } from "./cause.ts";
import type { Observation } from "./messages.ts";
import type { Stall } from "./stall.ts";

interface Known {
  readonly startedAt: number;
  readonly durationMs: number;
  readonly gcMs: number;
  readonly hasDebugger: boolean;
}

export function observedStall(
  { live, heldMs, isSampled, watchdogLateMs, culprit, cpuMs, cpuWaitMs, ...seen }: Observation,
  { startedAt, durationMs, gcMs, hasDebugger }: Known,
): Omit<Stall, "threadId" | "contexts"> {
  const cause = causeOf({
    durationMs,
    cpuMs,
    cpuWaitMs,
    gcMs,
    watchdogLateMs,
    isSampled,
    live,
    heldMs,
    hasDebugger,
    isInNativeCall: culprit?.nativeCall !== undefined,
  });
  return {
    kind: "loop",
    cause,
    startedAt,
    durationMs,
    gcMs,
    ...(cpuMs !== undefined && { cpuMs }),
    ...(cpuWaitMs !== undefined && { cpuWaitMs }),
    ...(culprit !== undefined && { culprit }),
    ...seen,
  };
}
