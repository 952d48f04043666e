/**
 * `asyncio.wait`: until some or all of the promises are settled.
 */
import { abortable } from "../core/abortable.ts";
import { abortSignal, checkOptions, milliseconds, oneOf, clockLike } from "../core/check-options.ts";
import type { Clock } from "../core/clock.ts";
import { holdingTimer } from "../core/holding-timer.ts";
import { listOf } from "./promises.ts";

/** When one of the promises is settled, either way. */
export const FIRST_COMPLETED = "FIRST_COMPLETED";
/** When one of them is rejected, or all are settled. */
export const FIRST_ERROR = "FIRST_ERROR";
/** When all are settled. */
export const ALL_COMPLETED = "ALL_COMPLETED";

export interface WaitOptions {
  /** `ALL_COMPLETED` unless set. */
  returnWhen?: typeof FIRST_COMPLETED | typeof FIRST_ERROR | typeof ALL_COMPLETED;
  /** How long to wait at the most, in milliseconds. It resolves then, it does not reject. No limit unless set. */
  timeoutMs?: number;
  /** Ends the waiting, not the promises: it rejects with `signal.reason`. */
  signal?: AbortSignal;
  /** For tests. */
  clock?: Clock;
}

export interface WaitResult<P> {
  /** Those that are settled, the first one first. Await each: errors are only there. */
  readonly done: Set<P>;
  readonly pending: Set<P>;
}

const CHECKS = {
  returnWhen: oneOf(FIRST_COMPLETED, FIRST_ERROR, ALL_COMPLETED),
  timeoutMs: milliseconds({ least: 0 }),
  signal: abortSignal,
  clock: clockLike,
};

/**
 * Resolves with the promises themselves, split into those that are settled and those that are not. It never rejects because
 * one of them did, and it cancels none. Of no promises at all it resolves at once.
 *
 * @throws TypeError, RangeError for something that cannot be iterated, and for bad options.
 * @example
 * ```js
 * import { sleep, wait, FIRST_COMPLETED } from "offloop/tasks";
 *
 * const [hare, tortoise] = [sleep(5, "hare"), sleep(50, "tortoise")];
 * const { done, pending } = await wait([hare, tortoise], { returnWhen: FIRST_COMPLETED });
 * console.log(done.has(hare), pending.has(tortoise)); // => true true
 * ```
 */
export function wait<P>(promises: Iterable<P>, options: WaitOptions = {}): Promise<WaitResult<P>> {
  const pending = new Set(listOf(promises, "wait"));
  checkOptions(options, CHECKS, "wait");
  const { returnWhen = ALL_COMPLETED, timeoutMs, signal, clock } = options;
  const done = new Set<P>();
  return abortable<WaitResult<P>>(signal, ({ resolve }) => {
    let isOver = false;
    const finish = (): void => {
      // Each promise that is settled comes here, and a copy of all for each would be quadratic.
      if (isOver) return;
      isOver = true;
      stopTimer();
      // A copy: promises that settle later must not move in the caller's hands.
      resolve({ done: new Set(done), pending: new Set(pending) });
    };
    const stopTimer = timeoutMs === undefined ? () => {} : holdingTimer(clock, timeoutMs, finish);
    const settled = (promise: P, how: "fulfilled" | "rejected"): void => {
      pending.delete(promise);
      done.add(promise);
      const enough = returnWhen === FIRST_COMPLETED || (returnWhen === FIRST_ERROR && how === "rejected");
      // In a microtask: others that are settled already belong to `done`, too.
      if (enough || pending.size === 0) queueMicrotask(finish);
    };
    if (pending.size === 0) finish();
    for (const promise of pending) {
      Promise.resolve(promise).then(
        () => settled(promise, "fulfilled"),
        () => settled(promise, "rejected"),
      );
    }
    return stopTimer;
  });
}
