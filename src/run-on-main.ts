/**
 * From a task back to the thread whose executor runs it.
 */
import { isThenable } from "./core/is-thenable.ts";
import { currentScope } from "./core/current-task.ts";
import { exposedFunction } from "./core/exposed.ts";
import { ownWorker } from "./core/realm.ts";
import { toMain } from "./core/to-main.ts";
import { notSynchronous, packContent, type Packing, unpackContent } from "./wire/main-messages.ts";

/** See {@link runOnMain}. */
export interface RunOnMain {
  <R>(name: string, ...args: unknown[]): Promise<R>;
  /**
   * The same for synchronous code: blocks the worker until the function on main has ended, also when that returns a promise; in an inline
   * executor, which shares main's thread, it must not. What ends the wait: the function, its `timeoutMs` (30 000 unless `expose` sets
   * another), the end of the task (its time limit, a cancel, a shutdown), main's end. The worker does nothing else meanwhile.
   *
   * @throws what the function throws; `TaskTimeoutError`, {@link NotExposedError}, {@link SerializationError}; TypeError for a `name` that is no
   * string, and for a function that gives a promise where nothing can wait for it.
   * @example
   * ```js
   * import { expose, runInExecutor, runOnMain, shutdownDefaultExecutors } from "offloop";
   *
   * const prices = new Map([["tea", 3]]);
   * expose({ priceOf: (name) => prices.get(name) });
   * const total = await runInExecutor(null, () => ["tea", "tea"].reduce((sum, name) => sum + runOnMain.sync("priceOf", name), 0));
   * console.log(total); // => 6
   * await shutdownDefaultExecutors();
   * ```
   */
  sync<R>(name: string, ...args: unknown[]): R;
}

const ARGUMENTS: Packing = { direction: "argument", root: "args", sharesMemory: true };
const RESULT: Packing = { direction: "result", root: "result", sharesMemory: true };

function callMain<R>(name: string, ...args: unknown[]): Promise<R> {
  checkName(name, "runOnMain");
  const scope = currentScope();
  const main = scope?.main ?? toMain.here;
  return (main?.call(scope?.callId ?? 0, name, args) ?? callHere(name, args)) as Promise<R>;
}

function callMainSync<R>(name: string, ...args: unknown[]): R {
  checkName(name, "runOnMain.sync");
  const scope = currentScope();
  const main = scope?.main ?? toMain.here;
  if (main !== undefined) return main.callSync(scope?.callId ?? 0, name, args) as R;
  const value = run(name, args);
  if (isThenable(value)) throw new TypeError(notSynchronous(name));
  return copied(value, RESULT) as R;
}

/**
 * Runs a function of main, which that has given to `expose`, from inside a task: the worker goes on, and the promise gives what the function gives. Arguments
 * and result are copied; nothing can be moved. What the function throws arrives as itself. It runs outside of whatever runs on main at
 * that moment, in the contexts that came with the task. Called on main, and not in a task, it runs the function right there, on copies too.
 *
 * A function on main that waits for what cannot come before it has ended, such as a call to the executor whose workers all wait for
 * main, is refused that, with {@link DeadlockError}.
 *
 * @throws {@link NotExposedError} for a name that main does not expose; {@link SerializationError} with the path to what cannot be copied; `TaskTimeoutError`
 * where `expose` was given a limit; TypeError for a `name` that is no string.
 * @example
 * ```js
 * import { expose, runInExecutor, runOnMain, shutdownDefaultExecutors } from "offloop";
 *
 * expose({ log: (text) => console.log(text) });
 * await runInExecutor(null, async () => {
 *   await runOnMain("log", "half of it is done"); // => half of it is done
 * });
 * await shutdownDefaultExecutors();
 * ```
 */
export const runOnMain: RunOnMain = Object.assign(callMain, { sync: callMainSync });

async function callHere(name: string, args: readonly unknown[]): Promise<unknown> {
  return copied(await run(name, args), RESULT);
}

function run(name: string, args: readonly unknown[]): unknown {
  if (ownWorker() !== undefined) {
    throw new Error(
      "runOnMain: an actor has no way to main by name. Give its method a callback with proxy()",
    );
  }
  const { fn } = exposedFunction(name);
  return (fn as (...given: unknown[]) => unknown)(...(copied(args, ARGUMENTS) as unknown[]));
}

function copied(value: unknown, packing: Packing): unknown {
  const content = packContent(value, value, packing);
  return "raw" in content ? structuredClone(content.raw) : unpackContent(content);
}

function checkName(name: unknown, owner: string): void {
  if (typeof name !== "string") throw new TypeError(`${owner}: name must be a string, got ${typeof name}`);
}
