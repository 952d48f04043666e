/**
 * What workers may ask main to run.
 */
import { checkOptions, milliseconds, type Checks } from "./check-options.ts";
import type { AnyFunction } from "./function-handle.ts";
import { NotExposedError } from "./main-errors.ts";
import { sharedInRealm } from "./realm.ts";

/** Options of {@link expose}. */
export interface ExposeOptions {
  /**
   * How long a call of these functions may take, in milliseconds; `Infinity` is no limit. It then fails with `TaskTimeoutError`, and
   * what the function comes to is dropped. Unless set 30 000 for `runOnMain.sync`, which blocks a worker, and none for `runOnMain`.
   */
  timeoutMs?: number;
}

interface Exposed {
  readonly fn: AnyFunction;
  readonly timeoutMs: number | undefined;
}

const CHECKS: Checks<ExposeOptions> = { timeoutMs: milliseconds({ least: 0, exclusive: true }) };

const exposed = sharedInRealm("exposed", () => new Map<string, Exposed>());

/**
 * Lets tasks run functions of this thread by name, with {@link runOnMain}. Arguments and results are copied, as those of tasks are. A name that is
 * exposed again stands for the new function. In a worker it does nothing, so a module that workers import too may call it at its top level.
 *
 * @throws TypeError for something that is not an object of functions; TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { expose, runInExecutor, runOnMain, shutdownDefaultExecutors } from "offloop";
 *
 * const seen = new Map();
 * expose({ remember: (key, value) => seen.set(key, value).size });
 * const size = await runInExecutor(null, async () => await runOnMain("remember", "a", 1));
 * console.log(size, seen.get("a")); // => 1 1
 * await shutdownDefaultExecutors();
 * ```
 */
export function expose(
  functions: Record<string, (...args: never[]) => unknown>,
  options: ExposeOptions = {},
): void {
  if (typeof functions !== "object" || functions === null) {
    throw new TypeError(`expose: functions must be an object of functions, got ${String(functions)}`);
  }
  checkOptions(options, CHECKS, "expose");
  const { timeoutMs } = options;
  const entries = Object.entries(functions);
  for (const [name, fn] of entries) {
    if (typeof fn === "function") continue;
    throw new TypeError(`expose: functions.${name} must be a function, got ${typeof fn}`);
  }
  for (const [name, fn] of entries) exposed.set(name, { fn, timeoutMs });
}

/** @throws NotExposedError */
export function exposedFunction(name: string): Exposed {
  const found = exposed.get(name);
  if (found === undefined) throw new NotExposedError(name, [...exposed.keys()]);
  return found;
}
