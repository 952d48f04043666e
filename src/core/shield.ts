/**
 * The waiting for a promise, apart from the promise: who waits may leave, the work goes on, its late error is not lost.
 */
import { abortable } from "./abortable.ts";
import { reportUnseen } from "./unseen-error.ts";

export function shielded<T>(promise: T, signal: AbortSignal | undefined): Promise<Awaited<T>> {
  return abortable<Awaited<T>>(signal, ({ resolve, reject }) => {
    Promise.resolve(promise).then(resolve, (error: unknown) => {
      if (!reject(error)) reportUnseen(error, "shield: the promise failed after its waiter had left", signal);
    });
    return () => {};
  });
}
