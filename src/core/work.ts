/**
 * Work that may be asked to end. A promise cannot be stopped; what can are the tasks of executors and whatever else has a
 * `cancel(reason)`, and functions that look at the signal they were given.
 */

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

export function cancel(value: unknown, reason: unknown): void {
  const { cancel: stop } = (value ?? {}) as { cancel?: unknown };
  if (typeof stop === "function") stop.call(value, reason);
}

/** True for the error of work that ended because it was asked to. */
export function isAbort(error: unknown, signal?: AbortSignal): boolean {
  if (signal?.aborted === true && error === signal.reason) return true;
  return (error as { name?: unknown } | null | undefined)?.name === "AbortError";
}
