/**
 * From what was seen of a stall to its cause. The rules and their bounds were measured on 16 kinds of stalls, 8 runs each.
 */
import type { StallCause } from "./stall.ts";

export interface StallSignals {
  readonly durationMs: number;
  /** Undefined when the system does not tell. */
  readonly cpuMs: number | undefined;
  readonly cpuWaitMs: number | undefined;
  readonly gcMs: number;
  /** Time in which the watchdog did not run either. */
  readonly watchdogLateMs: number;
  /** Whether a sample was asked for. */
  readonly isSampled: boolean;
  /** Samples that were answered while it lasted. */
  readonly live: readonly Probes[];
  /** The longest time that a sample had to wait for its answer. */
  readonly heldMs: number;
  readonly hasDebugger: boolean;
  /** Of Node or of the engine, as far as samples show it. */
  readonly isInNativeCall: boolean;
}

/**
 * A sample leaves a microtask behind, and the first of them a tick. The next samples see which of them ran meanwhile.
 */
export interface Probes {
  /** How long the turn had been busy. */
  readonly busyMs: number;
  readonly microtasks: number;
  readonly ticks: number;
  /** Node's loop over ticks and microtasks is on the stack. */
  readonly isInTicks: boolean;
}

const STARVED = 2 / 3;

export function causeOf(signals: StallSignals): StallCause {
  const { durationMs, cpuMs, cpuWaitMs = 0, gcMs, live, watchdogLateMs } = signals;
  const hasLittleCpu = cpuMs !== undefined && cpuMs < durationMs * 0.3;
  // And did not want one either. On a busy machine the samples themselves make it wait for one.
  const isWaiting = hasLittleCpu && cpuMs + cpuWaitMs < durationMs * 0.5;
  if (watchdogLateMs > durationMs * 0.5) return cpuWaitMs > durationMs * 0.4 ? "cpu-starved" : "suspended";
  // Less than that, and it would have been a stall on an idle machine as well.
  if (cpuWaitMs > durationMs * STARVED) return "cpu-starved";
  // The collector's times are by the clock: on a busy machine all of the waiting may have been in them.
  if (gcMs - cpuWaitMs > (durationMs - cpuWaitMs) * 0.5) return "gc";
  const isAsleep = hasLittleCpu && cpuWaitMs < durationMs * 0.5;
  if (signals.hasDebugger && isAsleep && live.length > 0) return "debugger";
  // A pause may begin in the sample itself, which is then held up by it, and by no native call.
  if (signals.hasDebugger && isWaiting && signals.isSampled && !signals.isInNativeCall) return "debugger";
  if (live.length === 0 || signals.heldMs > durationMs * 0.5) {
    if (isWaiting) return "native-wait";
    // It slept less than half of the time and hardly ran.
    if (hasLittleCpu) return cpuWaitMs > durationMs * 0.4 ? "cpu-starved" : "unknown";
    return signals.isSampled && cpuMs !== undefined ? "native-cpu" : "unknown";
  }
  return starvation(signals) ?? (isWaiting ? "native-wait" : "sync-js");
}

/** JavaScript came to an end between the samples, again and again: many callbacks, not one. */
function starvation({ live, heldMs, durationMs }: StallSignals): StallCause | undefined {
  if (live.length < 2 || !coverMost(live, durationMs)) return undefined;
  // One call was most of what they saw. What came to an end before and after it is what surrounds any call.
  if (heldMs > (live.at(-1)!.busyMs - live[0]!.busyMs) * 0.5) return undefined;
  const middle = live[live.length >> 1]!;
  const isTickLoop = live.some(({ isInTicks }) => isInTicks);
  // By the middle: the last one may have been taken when it was over.
  if (middle.microtasks === 0) return middle.ticks > 0 && isTickLoop ? "nexttick-starvation" : undefined;
  if (!cameToEnds(live)) return undefined;
  // Microtasks are drained before the next tick, so one that starves the rest does not let the tick of the probe run.
  return middle.ticks > 0 ? "callback-flood" : "microtask-starvation";
}

/** Of what is left of the stall when it is first seen: what comes before one long call says nothing of the call. */
function coverMost(live: readonly Probes[], durationMs: number): boolean {
  const { busyMs: firstMs } = live[0]!;
  return live.at(-1)!.busyMs - firstMs >= (durationMs - firstMs) * 0.5;
}

/** In each quarter: two long functions come to an end as well, but not all the time. */
function cameToEnds(live: readonly Probes[]): boolean {
  const quarters = [1, 2, 3, 4].map((quarter) => Math.ceil(((live.length - 1) * quarter) / 4));
  return quarters.every((at) => live[at]!.microtasks >= at * 0.5);
}
