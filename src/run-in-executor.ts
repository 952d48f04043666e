import type { Executor } from "./core/executor.ts";
import type { Task } from "./core/task.ts";
import { defaultExecutor } from "./default-executor.ts";

/**
 * Runs a function with its arguments on an executor; `null` means the default one. As Python's `loop.run_in_executor`.
 *
 * The function need not be wrapped: any function that a module exports, of this program, of a package or of Node itself, is
 * found by the worker. For options of the call, use {@link Executor.submit}.
 *
 * @throws TypeError when `executor` is neither an executor nor null, or `fn` not a function.
 * @example
 * ```js
 * import { runInExecutor, shutdownDefaultExecutors } from "offloop";
 * import { gunzipSync, gzipSync } from "node:zlib";
 *
 * const zipped = await runInExecutor(null, gzipSync, "hello");
 * console.log(String(gunzipSync(zipped))); // => hello
 * await shutdownDefaultExecutors();
 * ```
 */
export function runInExecutor<A extends unknown[], R>(
  executor: Executor | null,
  fn: (...args: A) => R,
  ...args: A
): Task<Awaited<R>> {
  if (executor !== null && typeof (executor as Partial<Executor> | undefined)?.submit !== "function") {
    throw new TypeError(
      `runInExecutor: the first argument must be an executor or null, got ${typeof executor}`,
    );
  }
  return (executor ?? defaultExecutor()).submit(fn, args);
}
