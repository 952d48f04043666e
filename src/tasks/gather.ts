/**
 * `asyncio.gather`: all results, in the order of the promises.
 */
import { abortable } from "../core/abortable.ts";
import { abortSignal, checkOptions, flag } from "../core/check-options.ts";
import { reportUnseen } from "../core/unseen-error.ts";
import { cancel } from "../core/work.ts";
import { listOf } from "./promises.ts";

export interface GatherOptions {
  /**
   * Puts each error in its promise's place instead of rejecting with the first. A reason that is no Error comes as the `cause`
   * of one, so that `instanceof Error` finds every failure. False unless set.
   */
  returnErrors?: boolean;
  /** When it aborts, this rejects with its reason, and those of the promises that have a `cancel` are cancelled with it. */
  signal?: AbortSignal;
}

type Results<T extends readonly unknown[], Failed = never> = {
  -readonly [Key in keyof T]: Awaited<T[Key]> | Failed;
};

const CHECKS = { returnErrors: flag, signal: abortSignal };

/**
 * Resolves with all results, in the order of the promises; values that are no promises are their own results. Rejects with the
 * first error. The others go on then, as in asyncio and `Promise.all` (a `TaskGroup` ends them); what they throw later is not
 * lost, as it is there, but becomes a warning (`OFFLOOP_WARN_UNSEEN_ERROR`).
 *
 * @throws TypeError for something that cannot be iterated, and for bad options.
 * @example
 * ```js
 * import { gather } from "offloop/tasks";
 *
 * const [name, age] = await gather([Promise.resolve("Ada"), 36]);
 * console.log(name, age); // => Ada 36
 *
 * const [result, error] = await gather([1, Promise.reject(new Error("no"))], { returnErrors: true });
 * console.log(result, error.message); // => 1 no
 * ```
 */
export function gather<T extends readonly unknown[] | []>(
  promises: T,
  options: GatherOptions & { returnErrors: true },
): Promise<Results<T, Error>>;
export function gather<T extends readonly unknown[] | []>(
  promises: T,
  options?: GatherOptions & { returnErrors?: false },
): Promise<Results<T>>;
export function gather<T>(
  promises: Iterable<T>,
  options: GatherOptions & { returnErrors: true },
): Promise<(Awaited<T> | Error)[]>;
export function gather<T>(
  promises: Iterable<T>,
  options?: GatherOptions & { returnErrors?: false },
): Promise<Awaited<T>[]>;
export function gather(promises: Iterable<unknown>, options: GatherOptions = {}): Promise<unknown> {
  const list = listOf(promises, "gather");
  checkOptions(options, CHECKS, "gather");
  const { signal, returnErrors = false } = options;
  return abortable<unknown[]>(signal, ({ resolve, reject }) => {
    const results: unknown[] = Array.from({ length: list.length });
    let missing = list.length;
    let first: unknown;
    const put = (index: number, result: unknown): void => {
      results[index] = result;
      if (--missing === 0) resolve(results);
    };
    const fail = (index: number, error: unknown): void => {
      if (returnErrors) put(index, asError(error));
      else if (reject(error)) first = error;
      else if (error !== first) reportUnseen(error, `gather: promise ${index} failed later`, signal);
    };
    if (missing === 0) resolve(results);
    for (const [index, promise] of list.entries()) {
      Promise.resolve(promise).then(
        (result) => put(index, result),
        (error: unknown) => fail(index, error),
      );
    }
    return (reason) => list.forEach((promise) => cancel(promise, reason));
  });
}

function asError(reason: unknown): Error {
  return reason instanceof Error
    ? reason
    : new Error("The promise was rejected with no Error; see cause", { cause: reason });
}
