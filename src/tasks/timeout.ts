/**
 * `asyncio.wait_for` and `asyncio.timeout`: a time limit for one call, for all calls of a function, or for a promise.
 */
import { abortSignal, checkOptions, milliseconds, clockLike } from "../core/check-options.ts";
import type { Clock } from "../core/clock.ts";
import { withLimit } from "./limit.ts";
import { nameOf, promiseWrapper, type PromiseWrapper } from "./wrapper.ts";

export interface TimeoutOptions {
  /** When it aborts, the call rejects with its reason, and the work is asked to end as when the time is up. */
  signal?: AbortSignal;
  /** For tests. */
  clock?: Clock;
}

const CHECKS = { signal: abortSignal, clock: clockLike };
const TIME = { ms: milliseconds({ least: 0 }) };

/**
 * A time limit, in milliseconds, on this thread. When the time is up the promise rejects with `TaskTimeoutError` at once, and the work is
 * asked to end: a task of an executor (a `threaded` call) and whatever has a `cancel` is cancelled, and the signal that the function
 * was given aborts. Work that hears neither goes on: nothing can stop a promise. What it throws later becomes a warning
 * (`OFFLOOP_WARN_UNSEEN_ERROR`). A function that keeps the thread busy is over before any limit is looked at; see `threaded`.
 *
 * - `timeout(ms, (signal) => …)` runs a function now; `timeout(ms, promise)` limits the waiting for a promise.
 * - `timeout(ms)` wraps a function, for all of its calls: `timeout(500)(load)`. It is a decorator of methods, too.
 *
 * @throws TypeError, RangeError for a time that is negative or no number, and for bad options.
 * @example
 * ```js
 * import { sleep, timeout } from "offloop/tasks";
 *
 * const nap = (signal) => sleep(60_000, "late", { signal });
 * const error = await timeout(10, nap).catch((reason) => reason);
 * console.log(error.name, error.timeoutMs); // => TimeoutError 10
 *
 * const double = timeout(1_000)(async (n) => n * 2);
 * console.log(await double(21)); // => 42
 * ```
 */
export function timeout(ms: number, options?: TimeoutOptions): PromiseWrapper;
export function timeout<R>(
  ms: number,
  work: (signal: AbortSignal) => R,
  options?: TimeoutOptions,
): Promise<Awaited<R>>;
export function timeout<T>(ms: number, promise: PromiseLike<T>, options?: TimeoutOptions): Promise<T>;
export function timeout(
  ms: number,
  second: TimeoutOptions | PromiseLike<unknown> | ((signal: AbortSignal) => unknown) = {},
  third: TimeoutOptions = {},
): PromiseWrapper | Promise<unknown> {
  if (typeof second === "function") {
    return withLimit(second, { ...checked(ms, third), name: nameOf(second) });
  }
  if (typeof (second as Partial<PromiseLike<unknown>> | null)?.then === "function") {
    const { name = "a promise" } = second as { name?: string };
    return withLimit(() => second, { ...checked(ms, third), name });
  }
  const limit = checked(ms, second as TimeoutOptions);
  return promiseWrapper("timeout", (fn) => {
    const name = nameOf(fn);
    return function (...args) {
      return withLimit(() => fn.apply(this, args), { ...limit, name });
    };
  });
}

function checked(ms: number, options: TimeoutOptions): TimeoutOptions & { ms: number } {
  checkOptions({ ms }, TIME, "timeout");
  checkOptions(options, CHECKS, "timeout");
  return { ...options, ms };
}
