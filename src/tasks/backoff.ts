/**
 * aiomisc's `asyncbackoff`: several tries, each with a limit, all under one deadline.
 */
import { abortable } from "../core/abortable.ts";
import {
  abortSignal,
  callable,
  type Check,
  checkOptions,
  integer,
  milliseconds,
  clockLike,
} from "../core/check-options.ts";
import type { Clock } from "../core/clock.ts";
import { TaskTimeoutError } from "../core/errors.ts";
import { holdingTimer } from "../core/holding-timer.ts";
import { isAbort } from "../core/is-abort.ts";
import { withLimit } from "./limit.ts";
import { sleep } from "./sleep.ts";
import { nameOf, promiseWrapper, type PromiseWrapper } from "./wrapper.ts";

type ErrorClass = abstract new (...args: never[]) => Error;
type ErrorTest = (error: unknown) => boolean;

export interface BackoffOptions {
  /** The longest that one try may take, in milliseconds. A try that takes longer is always tried again. No limit unless set. */
  attemptTimeoutMs?: number;
  /** The longest that all tries and pauses may take, in milliseconds. This or `maxTries` must be set. */
  deadlineMs?: number;
  /**
   * The pause before the next try, in milliseconds. 0 unless set. A function is asked each time with the number of tries so far
   * and the error: `(tries) => Math.random() * Math.min(30_000, 100 * 2 ** tries)` spreads many callers.
   */
  pauseMs?: number | ((tries: number, error: unknown) => number);
  /** Runs in all. `Infinity` is allowed, and so is said out loud. This or `deadlineMs` must be set. */
  maxTries?: number;
  /** The errors that are worth another try: classes, or a test. All unless set. */
  retryOn?: ErrorTest | ErrorClass | readonly ErrorClass[];
  /** True for an error that ends it at once. It is asked after `retryOn`. */
  giveUp?: ErrorTest;
  /** Ends the try or the pause when it aborts: this rejects with its reason. */
  signal?: AbortSignal;
  /** For tests. */
  clock?: Clock;
}

const isErrorClass = (value: unknown): value is ErrorClass =>
  value === Error || (typeof value === "function" && value.prototype instanceof Error);

const pause: Check = (value) => (typeof value === "function" ? undefined : milliseconds({ least: 0 })(value));

const retryTest: Check = (value) =>
  typeof value === "function" || (Array.isArray(value) && value.every(isErrorClass))
    ? undefined
    : { kind: "type", expected: "a class of errors, an array of such classes, or a function" };

const CHECKS = {
  attemptTimeoutMs: milliseconds({ least: 0, exclusive: true }),
  deadlineMs: milliseconds({ least: 0, exclusive: true }),
  pauseMs: pause,
  maxTries: integer({ least: 1, orInfinity: true }),
  retryOn: retryTest,
  giveUp: callable,
  signal: abortSignal,
  clock: clockLike,
};

/**
 * Tries again until a try succeeds, `maxTries` are used up, an error is not worth another one, or the deadline is there. Then it rejects
 * with the last error of the function itself, as it was thrown; with `TaskTimeoutError` if there was none, only tries that took
 * too long. An abort (`AbortError`, the reason of the signal) is never tried again. Unlike aiomisc it takes all other errors
 * for worth a try unless `retryOn` is set, and the deadline ends a try that has begun.
 *
 * - `backoff(options, (signal, tries) => …)` runs a function now; its signal aborts when the try's time is up.
 * - `backoff(options)` wraps a function, for all of its calls. It is a decorator of methods, too.
 *
 * @throws TypeError, RangeError for bad options, and when neither `deadlineMs` nor `maxTries` is set.
 * @example
 * ```js
 * import { backoff } from "offloop/tasks";
 *
 * const text = await backoff({ maxTries: 5, pauseMs: 1, deadlineMs: 5_000 }, async (signal, tries) => {
 *   if (tries < 3) throw new Error("not yet");
 *   return `try ${tries}`;
 * });
 * console.log(text); // => try 3
 * ```
 */
export function backoff(options: BackoffOptions): PromiseWrapper;
export function backoff<R>(
  options: BackoffOptions,
  work: (signal: AbortSignal, tries: number) => R,
): Promise<Awaited<R>>;
export function backoff(
  options: BackoffOptions,
  work?: (signal: AbortSignal, tries: number) => unknown,
): PromiseWrapper | Promise<unknown> {
  checkOptions(options, CHECKS, "backoff");
  if (options.deadlineMs === undefined && options.maxTries === undefined) {
    throw new TypeError('backoff: one of the options "deadlineMs" and "maxTries" must be set');
  }
  if (work !== undefined) return tryAgain(work, nameOf(work), options);
  return promiseWrapper("backoff", (fn) => {
    const name = nameOf(fn);
    return function (...args) {
      return tryAgain(() => fn.apply(this, args), name, options);
    };
  });
}

function tryAgain(
  start: (signal: AbortSignal, tries: number) => unknown,
  name: string,
  options: BackoffOptions,
): Promise<unknown> {
  const { deadlineMs, signal, clock } = options;
  return abortable<unknown>(signal, ({ resolve, reject }) => {
    const controller = new AbortController();
    const failed: { last?: { readonly error: unknown } } = {};
    const end = (reason: unknown): void => {
      stopTimer();
      controller.abort(reason);
    };
    const late = (): void => {
      const error = new TaskTimeoutError(name, deadlineMs ?? Infinity, "running");
      if (reject(failed.last === undefined ? error : failed.last.error)) end(error);
    };
    const stopTimer = deadlineMs === undefined ? () => {} : holdingTimer(clock, deadlineMs, late);
    tries({ start, name, options, signal: controller.signal, failed })
      .then(resolve, reject)
      .finally(stopTimer);
    return end;
  });
}

interface Tries {
  readonly start: (signal: AbortSignal, tries: number) => unknown;
  readonly name: string;
  readonly options: BackoffOptions;
  /** Aborts at the deadline and with the caller's. */
  readonly signal: AbortSignal;
  /** The last error that was the function's own. */
  readonly failed: { last?: { readonly error: unknown } };
}

async function tries({ start, name, options, signal, failed }: Tries): Promise<unknown> {
  const { attemptTimeoutMs: ms, maxTries = Infinity, pauseMs = 0, clock } = options;
  for (let count = 1; ; count++) {
    let limit: AbortSignal | undefined;
    try {
      const attempt = (trySignal: AbortSignal): unknown => start((limit = trySignal), count);
      return await withLimit(attempt, { name, ms, signal, clock });
    } catch (error) {
      // Not by its class: the function may have limits of its own, of the same length.
      const tooLong = limit?.aborted === true && limit.reason === error;
      if (!tooLong) failed.last = { error };
      if (isAbort(error, signal) || count >= maxTries) throw error;
      if (!tooLong && !worthATry(error, options)) throw error;
      if (options.giveUp?.(error) === true) throw error;
      const pauseNow = typeof pauseMs === "function" ? pauseMs(count, error) : pauseMs;
      await sleep(pauseNow, undefined, { signal, ...(clock && { clock }) });
    }
  }
}

function worthATry(error: unknown, { retryOn }: BackoffOptions): boolean {
  if (retryOn === undefined) return true;
  if (typeof retryOn === "function" && !isErrorClass(retryOn)) return retryOn(error);
  const classes = Array.isArray(retryOn) ? retryOn : [retryOn];
  return (classes as ErrorClass[]).some((one) => error instanceof one);
}
