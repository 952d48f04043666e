/**
 * A promise that an aborted signal settles, too: at once, with the signal's own reason. Guarantees: it settles once; the
 * listener is gone when it has; a rejection that the caller caused by aborting counts as handled, whoever awaits still sees it.
 */
import { onAbort } from "./on-abort.ts";

/** Both tell whether they decided the outcome. Who is told `false` has a result or an error that nobody will see. */
export interface Settle<T> {
  resolve(value: T): boolean;
  reject(error: unknown): boolean;
}

const nothing = (): void => {};

/** `start` begins, and gives what ends it when the signal aborts. */
export function abortable<T>(
  signal: AbortSignal | undefined,
  start: (settle: Settle<T>) => (reason: unknown) => void,
): Promise<T> {
  let resolve: (value: T) => void = nothing;
  let reject: (error: unknown) => void = nothing;
  const promise = new Promise<T>((_resolve, _reject) => {
    resolve = _resolve;
    reject = _reject;
  });
  let settled = false;
  let stopListening = nothing;
  const settle = (how: () => void): boolean => {
    if (settled) return false;
    settled = true;
    stopListening();
    how();
    return true;
  };
  const abort = (end: (reason: unknown) => void, reason: unknown): void => {
    promise.catch(nothing);
    if (settle(() => reject(reason))) end(reason);
  };

  const abortedNow = (): boolean => signal?.aborted === true;
  if (abortedNow()) {
    abort(nothing, signal?.reason);
    return promise;
  }
  const end = start({
    resolve: (value) => settle(() => resolve(value)),
    reject: (error) => settle(() => reject(error)),
  });
  // `start` may have run the very code that aborts.
  if (abortedNow()) abort(end, signal?.reason);
  else if (signal !== undefined && !settled) stopListening = onAbort(signal, () => abort(end, signal.reason));
  return promise;
}
