import type { ExecutorOptions } from "../core/executor.ts";
import { inlineDriver } from "./inline-driver.ts";
import { PooledExecutor, resolveHere } from "./pooled-executor.ts";

/**
 * Runs calls on this thread, one after the other, each in a later turn of the event loop: for tests and debugging, where a
 * worker would be in the way. Arguments and results are copied as on the way to a worker, so a test sees what production
 * sees. It cannot end a running call: one that is cancelled or overruns its time limit settles, and goes on for nothing.
 *
 * @throws TypeError, RangeError naming the option; RangeError for more than one worker; TypeError for `env`, `execArgv`, `stdio`,
 * `resourceLimits` and `maxWorkerMemoryBytes`, which only a worker could have.
 * @example
 * ```js
 * import { InlineExecutor } from "offloop";
 *
 * const executor = new InlineExecutor();
 * console.log(await executor.submit((a, b) => a + b, [20, 22])); // => 42
 * await executor.shutdown();
 * ```
 */
export class InlineExecutor extends PooledExecutor {
  constructor(options: ExecutorOptions = {}) {
    const kind = {
      owner: "InlineExecutor",
      prefix: "inline",
      maxWorkers: () => 1,
      mostWorkers: 1,
      resolve: resolveHere,
      driver: inlineDriver,
      hasStacks: false,
      check: refuseWorkerOptions,
    };
    super(kind, options);
  }
}

/** There is no worker that could have them. Niceness 0 is what this thread has. */
function refuseWorkerOptions(options: ExecutorOptions, owner: string): void {
  for (const key of ["env", "execArgv", "resourceLimits", "maxWorkerMemoryBytes", "stdio"] as const) {
    if (options[key] === undefined) continue;
    throw new TypeError(`${owner}: option "${key}" is for workers, and calls run on this thread`);
  }
  if (options.nice !== undefined && options.nice > 0) {
    throw new RangeError(
      `${owner}: option "nice" must be 0, as calls run on this thread, got ${options.nice}`,
    );
  }
}
