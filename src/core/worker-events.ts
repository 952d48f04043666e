/**
 * The life of workers, for whoever subscribes to `offloop:worker` of `node:diagnostics_channel`. Told as the events of tasks are, each in
 * a microtask.
 */
import { channel } from "node:diagnostics_channel";

interface AboutWorker {
  /** The name of the executor. */
  readonly executor: string;
  readonly kind: "thread" | "process" | "inline";
  readonly workerId: number;
  /** Of a thread, once it has one. */
  readonly threadId?: number;
  /** Of a process, once it has one; the inline executor's is this one. */
  readonly pid?: number;
}

interface Starting extends AboutWorker {
  readonly type: "starting";
}

/** It takes calls: its initializer has ended. */
interface Started extends AboutWorker {
  readonly type: "started";
  readonly startMs: number;
  /** Its niceness, where that can be told. */
  readonly nice: number | undefined;
}

/** It does not take calls, and is ended if it is there at all. */
interface StartFailed extends AboutWorker {
  readonly type: "start-failed";
  readonly error: unknown;
}

/** It was told to end at once, and its place is another's. One that is stuck in a native call `ended` much later or never. */
interface Killed extends AboutWorker {
  readonly type: "killed";
  readonly because: string;
}

/** It is gone. `lost`: nobody asked for that. Of a thread that was asked to end `exitCode` is 1. The fields are those of `WorkerLostError`. */
interface Gone extends AboutWorker {
  readonly type: "ended" | "lost";
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly oom: boolean;
  /** The uncaught error that ended it, when there was one. */
  readonly error?: unknown;
  /** How many tasks it ran, and for how long. */
  readonly tasks: number;
  readonly activeMs: number;
  readonly ageMs: number;
}

/**
 * What the channel `offloop:worker` of `node:diagnostics_channel` tells, frozen, of each worker of an executor: `starting` first, and
 * `ended` or `lost` last. Only one that could not even be made, or that is stuck, has no such end.
 */
export type WorkerEvent = Starting | Started | StartFailed | Killed | Gone;

const workers = channel("offloop:worker");

/** `make` runs in the microtask, if somebody has subscribed. */
export function tellWorkerEvent(make: () => WorkerEvent): void {
  if (workers.hasSubscribers) queueMicrotask(() => workers.publish(Object.freeze(make())));
}
