/**
 * `threaded(fn)`: the function, off the event loop.
 */
import { CALL_OPTION_CHECKS, type CallOptions, checkCallOptions } from "./core/call-options.ts";
import { checkOptions, withoutUndefined } from "./core/check-options.ts";
import type { Executor } from "./core/executor.ts";
import type { Task } from "./core/task.ts";
import { defaultExecutor } from "./default-executor.ts";
import { insideTask, runHere } from "./pools/run-here.ts";
import { topLevelCallSite } from "./travel/call-site.ts";
import { register } from "./travel/registry.ts";
import { markThreaded } from "./travel/threaded-mark.ts";

export type ThreadedOptions = CallOptions & {
  /** Where its calls run. `defaultExecutor()` unless set. A function is asked for each call, so it may decide late. */
  executor?: Executor | (() => Executor);
};

/** A function whose calls run off the event loop. */
export interface Threaded<A extends unknown[], R> {
  (...args: A): Task<Awaited<R>>;
  /** The plain function, on this thread. */
  sync(...args: A): R;
  /** The same with other options; those given here win. */
  with(options: ThreadedOptions): (...args: A) => Task<Awaited<R>>;
  readonly name: string;
}

const CHECKS = {
  ...CALL_OPTION_CHECKS,
  executor: (value: unknown) =>
    typeof value === "function" || typeof (value as Partial<Executor> | null)?.submit === "function"
      ? undefined
      : ({ kind: "type", expected: "an executor, or a function that gives one" } as const),
};

/**
 * Wraps a function so that each call runs in a worker and gives a promise. The types stay: arguments as they were, the result
 * as a {@link Task} of it.
 *
 * Call it at the top level of a module: a worker imports that module and finds the same function there, whatever it uses.
 * Functions that are wrapped elsewhere must be exported by their module. Module state is per worker. The arguments and the
 * result are copied; see {@link transfer} to move them. Inside a worker a wrapped function runs in place, on that worker.
 *
 * @throws TypeError, RangeError for something that is not a function and for bad options.
 * @example
 * ```js
 * import { threaded, shutdownDefaultExecutors } from "offloop";
 * import { scryptSync } from "node:crypto";
 *
 * const hash = threaded(scryptSync, { timeoutMs: 10_000 });
 * const key = await hash("password", "salt", 32);
 * console.log(key.length); // => 32
 * await shutdownDefaultExecutors();
 * ```
 */
export function threaded<A extends unknown[], R>(
  fn: (...args: A) => R,
  options: ThreadedOptions = {},
): Threaded<A, R> {
  if (typeof fn !== "function") throw new TypeError(`threaded: fn must be a function, got ${typeof fn}`);
  refuseGenerator(fn);
  checkOptions(options, CHECKS, "threaded");
  const site = topLevelCallSite(threaded);
  if (site !== undefined) register(fn, site);
  const call = caller(fn, options);
  const wrapped = Object.assign((...args: A) => call(...args), {
    sync: fn,
    with: (more: ThreadedOptions) => {
      checkOptions(more, CHECKS, `${fn.name}.with`);
      const other = caller(fn, { ...options, ...withoutUndefined(more) });
      markThreaded(other, fn);
      return other;
    },
  });
  Object.defineProperty(wrapped, "name", { value: fn.name, configurable: true });
  markThreaded(wrapped, fn);
  return wrapped;
}

function caller<A extends unknown[], R>(
  fn: (...args: A) => R,
  options: ThreadedOptions,
): (...args: A) => Task<Awaited<R>> {
  const { executor, ...callOptions } = options;
  const checked = checkCallOptions(callOptions);
  return (...args) => {
    // Here too: an executor of the user's own may do anything but be asked from inside a worker.
    if (insideTask()) return runHere(fn, args, checked);
    const chosen = typeof executor === "function" ? executor() : (executor ?? defaultExecutor());
    return chosen.submit(fn, args, checked);
  };
}

/** A generator's items would have to flow; a plain call would get an object that cannot be copied. */
function refuseGenerator(fn: object): void {
  const kind = Object.prototype.toString.call(fn);
  if (kind === "[object GeneratorFunction]" || kind === "[object AsyncGeneratorFunction]") {
    throw new TypeError("threaded: generator functions are not available in this version; return an array");
  }
}
