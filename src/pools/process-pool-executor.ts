import type { ExecutorOptions } from "../core/executor.ts";
import { resolve } from "../travel/resolve.ts";
import { refuseThreadLimits } from "./heap-options.ts";
import { PooledExecutor } from "./pooled-executor.ts";
import { processDriver } from "./process-driver.ts";
import { usableCpus } from "./usable-cpus.ts";

/**
 * Runs calls in child processes. A crash, a memory leak or a blown heap stays in its child; a call that is stopped is ended by
 * the system, whatever it is doing. A child costs more to start (about 40 ms and 40 MB), everything is copied both ways, and
 * shared memory cannot be passed.
 *
 * A child never outlives this process, however this process ends.
 *
 * @throws TypeError, RangeError naming the option, its bound and the value.
 * @example
 * ```js
 * import { ProcessPoolExecutor } from "offloop";
 *
 * const pool = new ProcessPoolExecutor({ maxWorkers: 1 });
 * try {
 *   console.log(await pool.submit(JSON.parse, ['{"a":1}'])); // => { a: 1 }
 * } finally {
 *   await pool.shutdown();
 * }
 * ```
 */
export class ProcessPoolExecutor extends PooledExecutor {
  constructor(options: ExecutorOptions = {}) {
    const kind = {
      owner: "ProcessPoolExecutor",
      prefix: "processes",
      maxWorkers: usableCpus,
      resolve,
      driver: processDriver,
      hasStacks: true,
      check: refuseThreadLimits,
    };
    super(kind, options);
  }
}
