/**
 * `asyncio.sleep`, with a signal.
 */
import { abortable } from "../core/abortable.ts";
import { abortSignal, checkOptions, milliseconds, clockLike } from "../core/check-options.ts";
import type { Clock } from "../core/clock.ts";
import { holdingTimer } from "../core/holding-timer.ts";

export interface SleepOptions {
  /** Ends the sleep when it aborts: it rejects with `signal.reason`, untouched. */
  signal?: AbortSignal;
  /** For tests. */
  clock?: Clock;
}

const CHECKS = { signal: abortSignal, clock: clockLike };
const TIME = { ms: milliseconds({ least: 0 }) };

/**
 * Resolves with `value` after `ms` milliseconds, never earlier. It holds the process until then. `Infinity` waits for the signal.
 *
 * @throws TypeError, RangeError for a time that is negative or no number, and for bad options.
 * @example
 * ```js
 * import { sleep } from "offloop/tasks";
 *
 * console.log(await sleep(5, "awake")); // => awake
 *
 * const stop = new AbortController();
 * const asleep = sleep(60_000, undefined, { signal: stop.signal });
 * stop.abort(new Error("get up"));
 * console.log(await asleep.catch((error) => error.message)); // => get up
 * ```
 */
export function sleep(ms: number): Promise<void>;
export function sleep<T>(ms: number, value: T, options?: SleepOptions): Promise<T>;
export function sleep<T>(ms: number, value?: T, options: SleepOptions = {}): Promise<T | undefined> {
  checkOptions({ ms }, TIME, "sleep");
  checkOptions(options, CHECKS, "sleep");
  return abortable(options.signal, ({ resolve }) => holdingTimer(options.clock, ms, () => resolve(value)));
}
