/**
 * The main function of an entrypoint, while it runs.
 */
import { onAbort } from "../core/on-abort.ts";
import { begin } from "../core/work.ts";

/** What the main function gets. */
export interface EntrypointContext {
  /** Aborts when the program should end. A main function that looked at it is waited for before the services stop. */
  readonly signal: AbortSignal;
  /** Resolves when the program should end: for a main function that has nothing else to do. */
  untilStopped(): Promise<void>;
}

export type Outcome<R> = { readonly value: R } | { readonly error: unknown };

export interface MainRun<R> {
  /** Never rejects. */
  readonly outcome: Promise<Outcome<R>>;
  /**
   * Resolves when the services may stop: it has ended; or it was asked to, and never looked whether it was, so that nobody knows
   * when it will.
   */
  readonly servicesMayStop: Promise<unknown>;
}

export function runMain<R>(main: (context: EntrypointContext) => R, stop: AbortSignal): MainRun<Awaited<R>> {
  let looked = false;
  const asked = new Promise<void>((resolve) => onAbort(stop, resolve));
  const work = begin(() =>
    main({
      get signal() {
        looked = true;
        return stop;
      },
      untilStopped() {
        looked = true;
        return asked;
      },
    }),
  );
  const outcome = work.promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  const leave = asked.then(() => {
    work.cancel(stop.reason);
    return looked ? outcome : undefined;
  });
  return { outcome, servicesMayStop: Promise.race([outcome, leave]) };
}
