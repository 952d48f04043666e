/**
 * A function that a {@link Scheduler} runs, and its end.
 *
 * | state   | what happened                                       | next           |
 * | ------- | --------------------------------------------------- | -------------- |
 * | pending | as many jobs run as may                             | active, closed |
 * | active  | its function was called                             | closed         |
 * | closed  | it has ended, was closed, or did not end in time    | -              |
 *
 * Errors are seen: by those who called `wait` or `close` and have not left (then it is explicit), else by the scheduler's handler, once. That is asked
 * one turn of the loop later, so that `const job = await scheduler.spawn(…); await job.wait()` is in time for a job that fails at once.
 */
import { abortable } from "../core/abortable.ts";
import { abortSignal, checkOptions, milliseconds } from "../core/check-options.ts";
import type { Clock } from "../core/clock.ts";
import { TaskTimeoutError } from "../core/errors.ts";
import { holdingTimer } from "../core/holding-timer.ts";
import { isAbort } from "../core/is-abort.ts";
import { begin } from "../core/work.ts";

export type JobState = "pending" | "active" | "closed";

export interface JobWaitOptions {
  /** How long to wait at the most, in milliseconds. A job that takes longer is closed. No limit unless set. */
  timeoutMs?: number;
  /** Ends the waiting, not the job: it rejects with `signal.reason`. */
  signal?: AbortSignal;
}

export interface JobCloseOptions {
  /** How long the job may take to end, in milliseconds. The scheduler's `closeTimeoutMs` unless set. */
  timeoutMs?: number;
}

/** @internal What a job needs of its scheduler. */
export interface JobOwner {
  readonly clock: Clock | undefined;
  readonly closeTimeoutMs: number;
  ended(job: Job<unknown>): void;
  failed(job: Job<unknown>, message: typeof FAILED | typeof LATE, error: unknown): void;
}

const FAILED = "Job processing failed";
const LATE = "Job closing timed out";
const ignore = (): void => {};
const WAIT_CHECKS = { timeoutMs: milliseconds({ least: 0 }), signal: abortSignal };
const CLOSE_CHECKS = { timeoutMs: milliseconds({ least: 0 }) };

/** @internal pending → active. */
export let startJob: (job: Job<unknown>) => void;
/** @internal Resolves when it is closed, and claims no error. */
export let jobEnd: (job: Job<unknown>) => Promise<unknown>;
/** @internal As `close`, but nobody waits for it: errors go to the handler. True if it ended in time. */
export let closeUnseen: (job: Job<unknown>, reason: unknown) => Promise<boolean>;

/** What `Scheduler.spawn` gives. It is no promise, so that awaiting `spawn` does not await the job: `wait()` does. */
export class Job<R> {
  readonly name: string;
  /** Where it was spawned: a stack, if the scheduler has `debug`. */
  readonly source: string | undefined;
  readonly #fn: (signal: AbortSignal) => unknown;
  readonly #owner: JobOwner;
  readonly #controller = new AbortController();
  readonly #outcome: Promise<R>;
  #settle: { resolve(value: R): void; reject(error: unknown): void } = { resolve: ignore, reject: ignore };
  #state: JobState = "pending";
  /** How many callers have asked for its outcome, and did not leave. */
  #claims = 0;
  #wasLeft = false;
  #cancelWork: (reason: unknown) => void = ignore;
  /** Its error, if it did not end in time. */
  #late: TaskTimeoutError | undefined;

  /** @internal */
  constructor(owner: JobOwner, fn: (signal: AbortSignal) => unknown, name: string, source?: string) {
    this.#owner = owner;
    this.#fn = fn;
    this.name = name;
    this.source = source;
    this.#outcome = new Promise<R>((resolve, reject) => (this.#settle = { resolve, reject }));
    this.#outcome.catch(ignore);
  }

  get state(): JobState {
    return this.#state;
  }

  /**
   * Gives the job's result. From now on its error belongs to the caller. When `timeoutMs` is over it rejects with `TaskTimeoutError`, and
   * the job is closed; an aborted `signal` ends only the waiting.
   *
   * @throws TypeError, RangeError for bad options.
   */
  wait(options: JobWaitOptions = {}): Promise<R> {
    checkOptions(options, WAIT_CHECKS, "Job.wait");
    const { timeoutMs, signal } = options;
    return abortable<R>(signal, ({ resolve, reject }) => {
      this.#claims++;
      const leave = (): void => {
        this.#claims--;
        this.#wasLeft = true;
        stopTimer();
      };
      const late = (): void => {
        const error = new TaskTimeoutError(this.name, timeoutMs ?? Infinity, "running");
        if (!reject(error)) return;
        leave();
        void closeUnseen(this, error);
      };
      const stopTimer = timeoutMs === undefined ? ignore : holdingTimer(this.#owner.clock, timeoutMs, late);
      this.#outcome.then(
        (value) => {
          stopTimer();
          resolve(value);
        },
        (error: unknown) => {
          stopTimer();
          reject(error);
        },
      );
      return leave;
    });
  }

  /**
   * Asks the job to end, and waits until it has: a pending one is never called, an active one's signal aborts, and a task of an
   * executor that its function returned is cancelled. A function that has not ended after `timeoutMs` is left behind: nothing can stop it.
   * Of a job that has ended it only gives its error, if it had one.
   *
   * @throws the error of the job itself; {@link TaskTimeoutError} when it did not end in time; TypeError, RangeError for bad options.
   */
  close(options: JobCloseOptions = {}): Promise<void> {
    checkOptions(options, CLOSE_CHECKS, "Job.close");
    this.#claims++;
    const { timeoutMs = this.#owner.closeTimeoutMs } = options;
    return this.#end(new DOMException(`${this.name} was closed`, "AbortError"), timeoutMs);
  }

  #start(): void {
    this.#state = "active";
    const { signal } = this.#controller;
    const work = begin(() => this.#fn(signal) as R);
    this.#cancelWork = (reason) => work.cancel(reason);
    work.promise.then(
      (value) => this.#over(() => this.#settle.resolve(value)),
      (error: unknown) => {
        if (!this.#over(() => this.#settle.reject(error))) this.#report(FAILED, error);
        else if (this.#wasLeft) this.#reportUnclaimed(FAILED, error);
        else setImmediate(() => this.#reportUnclaimed(FAILED, error));
      },
    );
  }

  /** → closed. False when it was. */
  #over(settle: () => void): boolean {
    if (this.#state === "closed") return false;
    this.#state = "closed";
    settle();
    this.#owner.ended(this);
    return true;
  }

  #reportUnclaimed(message: typeof FAILED | typeof LATE, error: unknown): void {
    if (this.#claims > 0) return;
    this.#claims++;
    this.#report(message, error);
  }

  #report(message: typeof FAILED | typeof LATE, error: unknown): void {
    if (!this.#wasAskedFor(error)) this.#owner.failed(this, message, error);
  }

  /** An abort that nobody here asked for is an error like others. */
  #wasAskedFor(error: unknown): boolean {
    const { signal } = this.#controller;
    return signal.aborted && isAbort(error, signal);
  }

  /** Settles when the job has ended, or its time is up. */
  async #end(reason: unknown, timeoutMs: number): Promise<void> {
    const { signal } = this.#controller;
    if (this.#state !== "closed") this.#controller.abort(reason);
    if (this.#state === "pending") this.#over(() => this.#settle.reject(signal.reason));
    if (this.#state === "active") this.#cancelWork(signal.reason);
    const leave = (): void => {
      const late = new TaskTimeoutError(`${this.name}, which was asked to end,`, timeoutMs, "running");
      if (this.#over(() => this.#settle.reject(late))) this.#late = late;
    };
    const stopTimer = holdingTimer(this.#owner.clock, timeoutMs, leave);
    try {
      await this.#outcome;
    } catch (error) {
      if (!this.#wasAskedFor(error)) throw error;
    } finally {
      stopTimer();
    }
  }

  static {
    startJob = (job) => job.#start();
    jobEnd = (job) => job.#outcome.then(ignore, ignore);
    closeUnseen = async (job, reason) => {
      try {
        await job.#end(reason, job.#owner.closeTimeoutMs);
        return true;
      } catch (error) {
        const late = error === job.#late;
        job.#reportUnclaimed(late ? LATE : FAILED, error);
        return !late;
      }
    };
  }
}
