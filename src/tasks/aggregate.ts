/**
 * aiomisc's `aggregate`: calls that come close together become one. (The known package for it, dataloader, caches by key, forever
 * unless told otherwise, and collects for one turn of the loop; here nothing is cached and the time is the caller's to say.)
 */
import { checkOptions, integer, milliseconds, clockLike } from "../core/check-options.ts";
import type { Clock, StopTimer } from "../core/clock.ts";
import { holdingTimer } from "../core/holding-timer.ts";
import { begin } from "../core/work.ts";
import { nameOf } from "./wrapper.ts";

/** Takes the calls' items, gives a result for each, in the same order. An `Error` among them rejects that one call. */
export type Batch<T, R> = (items: T[]) => readonly R[] | PromiseLike<readonly R[]>;

export interface AggregateOptions {
  /** For tests. */
  clock?: Clock;
}

const CHECKS = { clock: clockLike };
const LIMITS = {
  leewayMs: milliseconds({ least: 0 }),
  maxCount: integer({ least: 1, orInfinity: true }),
};

interface Call<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Wraps a function of many items as a function of one. Its calls are collected for `leewayMs` milliseconds from the first one on, or until there
 * are `maxCount` (no limit unless set), and made as one call. An error of that call rejects them all, and so does a wrong number of
 * results.
 *
 * @throws TypeError, RangeError for a time or a number out of bounds, for neither of them, and for something that is not a function.
 * @example
 * ```js
 * import { aggregate } from "offloop/tasks";
 *
 * const loadUser = aggregate(5, 100)(async (ids) => {
 *   console.log(`one query for ${ids}`);
 *   return ids.map((id) => (id > 0 ? `user ${id}` : new RangeError(`no user ${id}`)));
 * });
 * const users = await Promise.allSettled([loadUser(1), loadUser(2), loadUser(0)]);
 * // => one query for 1,2,0
 * console.log(users[1].value, "/", users[2].reason.message); // => user 2 / no user 0
 * ```
 */
export function aggregate(
  leewayMs: number,
  maxCount: number = Infinity,
  options: AggregateOptions = {},
): <T, R>(fn: Batch<T, R>) => (item: T) => Promise<Exclude<R, Error>> {
  checkOptions({ leewayMs, maxCount }, LIMITS, "aggregate");
  checkOptions(options, CHECKS, "aggregate");
  if (leewayMs === Infinity && maxCount === Infinity) {
    throw new RangeError(
      "aggregate: one of leewayMs and maxCount must be finite, or no call would ever be made",
    );
  }
  return <T, R>(fn: Batch<T, R>) => {
    if (typeof fn !== "function") throw new TypeError(`aggregate: fn must be a function, got ${typeof fn}`);
    let waiting: Call<T, Exclude<R, Error>>[] = [];
    let stopTimer: StopTimer = () => {};
    const send = (): void => {
      const calls = waiting;
      waiting = [];
      stopTimer();
      begin(() => fn(calls.map(({ item }) => item))).promise.then(
        (results) => deliver(calls, results, nameOf(fn)),
        (error: unknown) => calls.forEach(({ reject }) => reject(error)),
      );
    };
    const collect = (item: T): Promise<Exclude<R, Error>> =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (waiting.length >= maxCount) send();
        else if (waiting.length === 1) stopTimer = holdingTimer(options.clock, leewayMs, send);
      });
    return Object.defineProperty(collect, "name", { value: fn.name, configurable: true });
  };
}

function deliver<T, R>(
  calls: readonly Call<T, Exclude<R, Error>>[],
  results: readonly R[],
  name: string,
): void {
  if (!Array.isArray(results) || results.length !== calls.length) {
    const got = Array.isArray(results) ? `${results.length} results` : `a ${typeof results}`;
    const error = new TypeError(
      `aggregate: ${name} must give an array with a result for each of its ${calls.length} items, got ${got}`,
    );
    calls.forEach(({ reject }) => reject(error));
    return;
  }
  for (const [index, { resolve, reject }] of calls.entries()) {
    const result = results[index] as R;
    if (result instanceof Error) reject(result);
    else resolve(result as Exclude<R, Error>);
  }
}
