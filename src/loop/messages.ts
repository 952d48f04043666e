/**
 * Every message between a watched thread and its watchdog. Instants are milliseconds of the system's monotonic clock, which
 * all threads share.
 */
import type { MessagePort } from "node:worker_threads";
import type { Probes } from "./cause.ts";
import type { Culprit, HotFrame } from "./stall.ts";
import type { StackFrame } from "../core/errors.ts";

export interface WatchdogBoot {
  readonly port: MessagePort;
  readonly words: SharedArrayBuffer;
  readonly lag: SharedArrayBuffer;
  /** Milliseconds of the monotonic clock at which the watched thread's `performance.now()` was 0, and its epoch time then. */
  readonly origin: number;
  readonly timeOrigin: number;
  readonly bornAt: number;
  /** 0 is the main thread. */
  readonly threadId: number;
  /** The system's number of the watched thread, on Linux. */
  readonly tid: number | undefined;
  readonly offloopRoot: string;
  /** Where the pool's lag is kept. Undefined: somebody else asks for it. */
  readonly threadpoolLag: SharedArrayBuffer | undefined;
  readonly live: LiveReport | undefined;
}

/** What a parent that watches reads, also while the loop is blocked. */
export interface LiveReport {
  readonly fd: number;
  /** With all stacks of each stall, not only the one seen most. */
  readonly withStacks: boolean;
}

/** What the watchdog saw of a stall. */
export interface Observation {
  readonly samples: number;
  readonly culprit: Culprit | undefined;
  readonly stack: StackFrame[];
  readonly hot: HotFrame[];
  readonly cpuMs: number | undefined;
  readonly cpuWaitMs: number | undefined;
  readonly watchdogLateMs: number;
  readonly isSampled: boolean;
  readonly live: readonly Probes[];
  readonly heldMs: number;
}

export interface Unresponsive {
  readonly afterMs: number;
  readonly action: "log" | "abort";
}

export type ToWatchdog =
  | { readonly type: "ended"; readonly turn: number; readonly startedAt: number; readonly durationMs: number }
  | {
      readonly type: "configure";
      /** The expression that finds the sampler. Undefined: no stacks. */
      readonly sampler: string | undefined;
      /** What each monitor wants done. */
      readonly unresponsive: readonly Unresponsive[];
      /** The names of wrapped functions, by number from 1. */
      readonly syncCalls: readonly string[];
    }
  | { readonly type: "wake" };

export type FromWatchdog =
  | { readonly type: "started" }
  | { readonly type: "observed"; readonly turn: number; readonly observation: Observation }
  | { readonly type: "suspended"; readonly startedAt: number; readonly durationMs: number }
  | { readonly type: "threadpool"; readonly endedAt: number; readonly lagMs: number }
  | { readonly type: "heartbeat" }
  | { readonly type: "no-stacks"; readonly reason: string };

const { hrtime } = process;

/** Milliseconds of the system's monotonic clock: the same for all threads, unlike `performance.now()`. */
export function monotonicMs(): number {
  return Number(hrtime.bigint()) / 1e6;
}
