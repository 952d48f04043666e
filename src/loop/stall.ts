/**
 * What is told of a stall, and the one place that names its causes.
 */
import type { StackFrame } from "../core/errors.ts";

/**
 * Why the loop did not turn.
 *
 * | cause | seen as |
 * | --- | --- |
 * | `sync-js` | JavaScript that ran and used its CPU |
 * | `native-cpu` | one native call that used its CPU: nothing could be sampled before it returned |
 * | `native-wait` | a call that waited without using the CPU: `execSync`, `Atomics.wait`, a slow disk |
 * | `gc` | more than half of it was garbage collection |
 * | `microtask-starvation` | promises that settle each other, endlessly: the loop never gets to its next phase |
 * | `nexttick-starvation` | the same with `process.nextTick` |
 * | `callback-flood` | many callbacks in one turn, none of them long |
 * | `cpu-starved` | the thread was ready to run, and the machine or the container's quota did not let it |
 * | `suspended` | the whole process was stopped, as by SIGSTOP |
 * | `debugger` | paused in a debugger |
 * | `threadpool-saturated` | all threads of libuv's pool were taken (`kind: "threadpool"`) |
 * | `unknown` | not enough was seen to say |
 */
export type StallCause =
  | "sync-js"
  | "native-cpu"
  | "native-wait"
  | "gc"
  | "microtask-starvation"
  | "nexttick-starvation"
  | "callback-flood"
  | "cpu-starved"
  | "suspended"
  | "debugger"
  | "threadpool-saturated"
  | "unknown";

/** Where the time went. */
export interface Culprit extends StackFrame {
  /** Part of the samples, 0 to 1, in which it was on the stack. */
  share: number;
  /** What it called that is not written in JavaScript, or is Node's. */
  nativeCall?: string;
}

/** A line that was on the stack: in how many samples, and in how many of them on top. */
export interface HotFrame {
  frame: StackFrame;
  self: number;
  total: number;
}

/** A stack, and the time that it stands for. */
export interface StackSeen {
  readonly stack: readonly StackFrame[];
  readonly ms: number;
}

/** A time in which the loop, or libuv's thread pool, did not answer. Unknown is unknown: without a sample there is no culprit. */
export interface Stall {
  /** `threadpool`: a trivial job of libuv's pool had to wait this long for a thread. */
  kind: "loop" | "threadpool";
  /** Of the watched thread; 0 is the main thread. */
  threadId: number;
  /** Epoch milliseconds. */
  startedAt: number;
  durationMs: number;
  cause: StallCause;
  /** CPU time of the watched thread. Undefined where the system does not tell it by thread. */
  cpuMs?: number;
  /** Time in which it was ready to run and did not get a CPU, from this machine or, if it is a virtual one, from its host (Linux). */
  cpuWaitMs?: number;
  /** Garbage collection. 0 while the stall lasts: it becomes known afterwards. */
  gcMs: number;
  samples: number;
  culprit?: Culprit;
  /** The blocking function of Node that the thread is in while the stall lasts; with `syncCalls`. */
  syncCall?: string;
  /** The stack that was seen most often, innermost first. */
  stack: StackFrame[];
  /** The lines seen most often. */
  hot: HotFrame[];
  /** What `context()` gave during it, and in how many samples. */
  contexts: { value: unknown; samples: number }[];
}
