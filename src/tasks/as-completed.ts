/**
 * `asyncio.as_completed`: results in the order in which they come.
 */
import { abortSignal, checkOptions, milliseconds, clockLike } from "../core/check-options.ts";
import type { Clock } from "../core/clock.ts";
import { TaskTimeoutError } from "../core/errors.ts";
import { holdingTimer } from "../core/holding-timer.ts";
import { onAbort } from "../core/on-abort.ts";
import { reportUnseen } from "../core/unseen-error.ts";
import { listOf } from "./promises.ts";

export interface AsCompletedOptions {
  /** For all of them together, in milliseconds: what is missing then rejects with `TaskTimeoutError`. No limit unless set. */
  timeoutMs?: number;
  /** What is missing when it aborts rejects with its reason. The promises themselves go on. */
  signal?: AbortSignal;
  /** For tests. */
  clock?: Clock;
}

/** With `for await`: the results, the first error ends the loop. With `for`: a promise for each, to await one by one. */
export interface Completions<T> extends AsyncIterable<T, void>, Iterable<Promise<T>, void> {}

const CHECKS = { timeoutMs: milliseconds({ least: 0 }), signal: abortSignal, clock: clockLike };

/**
 * Gives the results in the order in which they come. A loop that ends early leaves the other promises going; their errors
 * become warnings (`OFFLOOP_WARN_UNSEEN_ERROR`).
 *
 * @throws TypeError, RangeError for something that cannot be iterated, and for bad options.
 * @example
 * ```js
 * import { asCompleted, sleep } from "offloop/tasks";
 *
 * for await (const name of asCompleted([sleep(40, "slow"), sleep(1, "fast")])) {
 *   console.log(name);
 * }
 * // => fast
 * // => slow
 *
 * for (const next of asCompleted([Promise.reject(new Error("no")), sleep(5, "yes")])) {
 *   console.log(await next.catch((error) => error.message)); // each error by itself
 * }
 * // => no
 * // => yes
 * ```
 */
export function asCompleted<T>(
  promises: Iterable<T>,
  options: AsCompletedOptions = {},
): Completions<Awaited<T>> {
  const list = listOf(promises, "asCompleted");
  checkOptions(options, CHECKS, "asCompleted");
  const places = list.map(() => new Place<Awaited<T>>());
  let next = 0;
  let stop = (): void => {};
  const settle = (how: (place: Place<Awaited<T>>) => void): void => {
    if (next === places.length) return;
    how(places[next++]!);
    if (next === places.length) stop();
  };
  const rejectAll = (error: unknown): void => {
    while (next < places.length) settle((place) => place.reject(error));
  };
  for (const promise of list) {
    Promise.resolve(promise).then(
      (value) => settle((place) => place.resolve(value)),
      (error: unknown) => {
        if (next === places.length) reportUnseen(error, "asCompleted: a promise failed later");
        else settle((place) => place.reject(error));
      },
    );
  }
  if (list.length > 0) stop = watch(options, rejectAll);
  return completions(places);
}

/** Where the n-th outcome goes. */
class Place<T> {
  declare resolve: (value: T) => void;
  declare reject: (error: unknown) => void;
  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  constructor() {
    // A loop that is busy with one result has not looked at the next.
    this.promise.catch(() => {});
  }
}

/** Ends what is missing. Returns what stops that. */
function watch({ timeoutMs, signal, clock }: AsCompletedOptions, end: (error: unknown) => void): () => void {
  const stops: (() => void)[] = [];
  if (timeoutMs !== undefined) {
    const late = (): void => end(new TaskTimeoutError("asCompleted", timeoutMs, "running"));
    stops.push(holdingTimer(clock, timeoutMs, late));
  }
  const abort = (): void => end(signal?.reason);
  if (signal?.aborted === true) queueMicrotask(abort);
  else if (signal !== undefined) stops.push(onAbort(signal, abort));
  return () => stops.forEach((stop) => stop());
}

function completions<T>(places: readonly Place<T>[]): Completions<T> {
  return {
    *[Symbol.iterator]() {
      let seen = 0;
      try {
        for (const { promise } of places) {
          seen++;
          yield promise;
        }
      } finally {
        reportRest(places, seen);
      }
    },
    async *[Symbol.asyncIterator]() {
      let seen = 0;
      try {
        for (const { promise } of places) {
          seen++;
          yield await promise;
        }
      } finally {
        reportRest(places, seen);
      }
    },
  };
}

function reportRest<T>(places: readonly Place<T>[], seen: number): void {
  for (const { promise } of places.slice(seen)) {
    promise.catch((error: unknown) => reportUnseen(error, "asCompleted: its loop had ended"));
  }
}
