/**
 * Work with a time limit. Guarantees: it settles when the work does, when the time is up or when the caller's signal aborts, whichever
 * comes first; in the latter two cases the work is asked to end, and what it throws later is not lost.
 */
import { abortable } from "../core/abortable.ts";
import type { Clock } from "../core/clock.ts";
import { TaskTimeoutError } from "../core/errors.ts";
import { holdingTimer } from "../core/holding-timer.ts";
import { reportUnseen } from "../core/unseen-error.ts";
import { begin } from "../core/work.ts";

export interface Limit {
  readonly name: string;
  readonly ms: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

export function withLimit<R>(
  start: (signal: AbortSignal) => R,
  { name, ms, signal, clock }: Limit,
): Promise<Awaited<R>> {
  return abortable<Awaited<R>>(signal, ({ resolve, reject }) => {
    const controller = new AbortController();
    const end = (reason: unknown): void => {
      stopTimer();
      controller.abort(reason);
      work.cancel(reason);
    };
    const late = (): void => {
      const error = new TaskTimeoutError(name, ms ?? Infinity, "running");
      if (reject(error)) end(error);
    };
    const stopTimer = ms === undefined ? () => {} : holdingTimer(clock, ms, late);
    const work = begin(() => start(controller.signal));
    work.promise.then(
      (value) => {
        stopTimer();
        resolve(value);
      },
      (error: unknown) => {
        stopTimer();
        if (!reject(error)) reportUnseen(error, `${name} failed after its time was up`, controller.signal);
      },
    );
    return end;
  });
}
