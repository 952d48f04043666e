import type { ExecutorOptions } from "../core/executor.ts";
import { resolve } from "../travel/resolve.ts";
import { PooledExecutor } from "./pooled-executor.ts";
import { threadDriver } from "./thread-driver.ts";
import { usableCpus } from "./usable-cpus.ts";

/**
 * Runs calls on worker threads of this process. Threads start fast, share memory (`SharedArrayBuffer`, `transfer`), and end
 * in milliseconds when a task must be stopped. They share the process: one that crashes the process takes all with it; use
 * {@link ProcessPoolExecutor} for code that you do not trust that far.
 *
 * No thread starts before the first call, unless `minWorkers` says so, and an idle executor lets the program end.
 *
 * @throws TypeError, RangeError naming the option, its bound and the value.
 * @example
 * ```js
 * import { ThreadPoolExecutor } from "offloop";
 * import { gzipSync } from "node:zlib";
 *
 * const pool = new ThreadPoolExecutor({ maxWorkers: 2 });
 * try {
 *   const zipped = await pool.submit(gzipSync, ["hello"], { timeoutMs: 5_000 });
 *   console.log(zipped.length); // => 25
 * } finally {
 *   await pool.shutdown();
 * }
 * ```
 */
export class ThreadPoolExecutor extends PooledExecutor {
  constructor(options: ExecutorOptions = {}) {
    const kind = {
      owner: "ThreadPoolExecutor",
      prefix: "threads",
      maxWorkers: usableCpus,
      resolve,
      driver: threadDriver,
      hasStacks: true,
    };
    super(kind, options);
  }
}
