/**
 * Work that may be asked to end. A promise cannot be stopped; what can are the tasks of executors and whatever else has a
 * `cancel(reason)`, and functions that look at the signal they were given.
 */
import { reportUnseen } from "./unseen-error.ts";

/** What a call gave, as a promise; a throw is a rejection. */
export interface Work<R> {
  readonly promise: Promise<Awaited<R>>;
  /** Asks it to end, if it can be asked. */
  cancel(reason: unknown): void;
}

export function begin<R>(fn: () => R): Work<R> {
  try {
    const given = fn();
    return { promise: Promise.resolve(given), cancel: (reason) => cancel(given, reason) };
  } catch (error) {
    return { promise: Promise.reject(error), cancel: () => {} };
  }
}

/**
 * Never throws: it is called from listeners and timers, where a throw would keep everything else from being asked. An error of
 * `cancel`, thrown or as a promise, becomes a warning.
 */
export function cancel(value: unknown, reason: unknown): void {
  const stopping = begin(() => {
    const { cancel: stop } = (value ?? {}) as { cancel?: unknown };
    return typeof stop === "function" ? (stop.call(value, reason) as unknown) : undefined;
  });
  stopping.promise.catch((error: unknown) => reportUnseen(error, "cancel failed"));
}
