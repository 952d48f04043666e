/**
 * A function that is called again and again, with a fixed pause after each call has ended, so that calls never overlap.
 *
 * | state   | what happened                | next    |
 * | ------- | ---------------------------- | ------- |
 * | idle    | -, or `stop` has ended       | running |
 * | running | it pauses, or a call is made | idle    |
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { inspect } from "node:util";
import { abortable } from "../core/abortable.ts";
import { callable, checkOptions, milliseconds, clockLike, text } from "../core/check-options.ts";
import type { Clock } from "../core/clock.ts";
import { holdingTimer } from "../core/holding-timer.ts";
import { isAbort } from "../core/is-abort.ts";
import { reportUnseen } from "../core/unseen-error.ts";
import { warn } from "../core/warn.ts";
import { begin } from "../core/work.ts";
import type { Service } from "./service.ts";

export interface PeriodicServiceOptions {
  /** The pause between the end of a call and the next one, in milliseconds. */
  intervalMs: number;
  /** The pause before the first call, in milliseconds. 0 unless set. */
  delayMs?: number;
  /** Is told what a call threw; the next call is made all the same. A process warning (`OFFLOOP_WARN_PERIODIC_FAILED`) unless set. */
  exceptionHandler?(error: unknown): void;
  /** For messages. The function's unless set. */
  name?: string;
  /** For tests. */
  clock?: Clock;
}

interface Running {
  readonly controller: AbortController;
  readonly over: Promise<void>;
}

const CHECKS = {
  intervalMs: milliseconds({ least: 0 }),
  delayMs: milliseconds({ least: 0 }),
  exceptionHandler: callable,
  name: text,
  clock: clockLike,
};

/**
 * A service for `entrypoint`, or for itself: `start()` and `stop()`. While it runs it holds the process, as an interval does.
 *
 * @example
 * ```js
 * import { PeriodicService } from "offloop/service";
 *
 * let calls = 0;
 * const sweep = new PeriodicService(() => void calls++, { intervalMs: 60_000 });
 * sweep.start();
 * await new Promise((resolve) => setTimeout(resolve, 20));
 * await sweep.stop();
 * console.log(calls); // => 1
 * ```
 */
export class PeriodicService implements Service {
  readonly name: string;
  readonly #callback: (signal: AbortSignal) => unknown;
  readonly #options: PeriodicServiceOptions;
  /** Tells a call that it is one. */
  readonly #inside = new AsyncLocalStorage<object>();
  #call: object | undefined;
  #running: Running | undefined;

  /** @throws TypeError, RangeError for something that is not a function, and for bad options. */
  constructor(callback: (signal: AbortSignal) => unknown, options: PeriodicServiceOptions) {
    checkOptions({ callback }, { callback: callable }, "PeriodicService");
    checkOptions(options, CHECKS, "PeriodicService");
    if (options.intervalMs === undefined) {
      throw new TypeError('PeriodicService: option "intervalMs" must be set');
    }
    this.name = options.name ?? (callback.name === "" ? "PeriodicService" : callback.name);
    this.#callback = callback;
    this.#options = options;
  }

  /** Begins. In a service that is running it does nothing. */
  start(): void {
    const before = this.#running;
    if (before !== undefined && !before.controller.signal.aborted) return;
    const controller = new AbortController();
    const { signal } = controller;
    const over = before === undefined ? this.#run(signal) : before.over.then(() => this.#run(signal));
    this.#running = { controller, over };
  }

  /**
   * Resolves when no call runs any more. One that runs now is asked to end, through its signal, and waited for; not when it is that very call
   * which stops its service: nothing would ever end then, so it resolves at once.
   */
  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    running.controller.abort();
    if (this.#call !== undefined && this.#inside.getStore() === this.#call) return;
    await running.over;
    if (this.#running === running) this.#running = undefined;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { intervalMs, delayMs = 0 } = this.#options;
    for (let pauseMs = delayMs; await this.#pause(pauseMs, signal); pauseMs = intervalMs) {
      const work = begin(() => this.#inside.run((this.#call = {}), this.#callback, signal));
      const cancel = (): void => work.cancel(signal.reason);
      signal.addEventListener("abort", cancel, { once: true });
      try {
        await work.promise;
      } catch (error) {
        // An abort that nobody here asked for is an error like others.
        if (!(signal.aborted && isAbort(error, signal))) this.#failed(error);
      }
      this.#call = undefined;
      signal.removeEventListener("abort", cancel);
    }
  }

  /** False when it was stopped meanwhile. */
  #pause(ms: number, signal: AbortSignal): Promise<boolean> {
    const pause = abortable<boolean>(signal, ({ resolve }) =>
      holdingTimer(this.#options.clock, ms, () => resolve(true)),
    );
    return pause.catch(() => false);
  }

  #failed(error: unknown): void {
    if (this.#options.exceptionHandler === undefined) {
      return warn("PERIODIC_FAILED", `${this.name} failed, and goes on: ${inspect(error)}`);
    }
    try {
      this.#options.exceptionHandler(error);
    } catch (handlersOwn) {
      reportUnseen(handlersOwn, `The exceptionHandler of ${this.name} failed`);
    }
  }
}
