/**
 * The executors that calls go to when none is named. Each is made at its first use.
 */
import { unnoted } from "./core/debug.ts";
import type { Executor, ShutdownOptions, ShutdownReport } from "./core/executor.ts";
import { ProcessPoolExecutor } from "./pools/process-pool-executor.ts";
import { ThreadPoolExecutor } from "./pools/thread-pool-executor.ts";
import { usableCpus } from "./pools/usable-cpus.ts";

/** `thread` and `process` have a worker for each usable CPU. `blocking` is for calls that wait more than they compute. */
export type DefaultExecutorKind = "thread" | "process" | "blocking";

const MAKE: Record<DefaultExecutorKind, () => Executor> = {
  thread: () => new ThreadPoolExecutor({ name: "default" }),
  process: () => new ProcessPoolExecutor({ name: "default-process" }),
  // As CPython's ThreadPoolExecutor: room for waiting without a thread for every connection of a busy server.
  blocking: () =>
    new ThreadPoolExecutor({ name: "default-blocking", maxWorkers: Math.min(32, usableCpus() + 4) }),
};

const current = new Map<DefaultExecutorKind, Executor>();

/**
 * The executor of a kind, made at its first use. Calls without an executor of their own go to `"thread"`.
 *
 * @throws TypeError for another kind than the three.
 * @example
 * ```js
 * import { defaultExecutor, shutdownDefaultExecutors } from "offloop";
 * import { existsSync } from "node:fs";
 *
 * console.log(await defaultExecutor("blocking").submit(existsSync, ["."])); // => true
 * await shutdownDefaultExecutors();
 * ```
 */
export function defaultExecutor(kind: DefaultExecutorKind = "thread"): Executor {
  checkKind(kind);
  const executor = current.get(kind) ?? unnoted(MAKE[kind]);
  current.set(kind, executor);
  return executor;
}

/**
 * Uses another executor from now on. The one before is not shut down: whoever has it may still need it.
 *
 * @throws TypeError for something that is not an executor, and for another kind than the three.
 * @example
 * ```js
 * import { InlineExecutor, runInExecutor, setDefaultExecutor } from "offloop";
 *
 * setDefaultExecutor(new InlineExecutor()); // in a test
 * console.log(await runInExecutor(null, (a, b) => a + b, 1, 2)); // => 3
 * ```
 */
export function setDefaultExecutor(executor: Executor, kind: DefaultExecutorKind = "thread"): void {
  checkKind(kind);
  if (typeof (executor as Partial<Executor> | null)?.submit !== "function") {
    throw new TypeError("setDefaultExecutor: the first argument must be an executor");
  }
  current.set(kind, executor);
}

/** Shuts down those that were used, as {@link Executor.shutdown} does; the next call makes new ones. @throws as that does */
export async function shutdownDefaultExecutors(options?: ShutdownOptions): Promise<ShutdownReport[]> {
  const executors = [...current.values()];
  current.clear();
  return Promise.all(executors.map((executor) => executor.shutdown(options)));
}

function checkKind(kind: string): void {
  if (!Object.hasOwn(MAKE, kind)) {
    throw new TypeError(`There is no default executor "${kind}". Kinds: ${Object.keys(MAKE).join(", ")}`);
  }
}
