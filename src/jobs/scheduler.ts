/**
 * aiojobs' scheduler: jobs in the background that are counted, bounded, ended in order, and whose errors somebody sees.
 *
 * ```
 * spawn ─► active (up to limit) ─► closed
 *    └──► pending (up to pendingLimit) ─┘      spawn itself waits beyond that
 * ```
 *
 * | state   | what happened                            | spawn   | next    |
 * | ------- | ---------------------------------------- | ------- | ------- |
 * | open    | -; `waitAndClose` waits                  | runs    | closing |
 * | closing | `close`: jobs are asked to end           | refused | closed  |
 * | closed  | no job is left                           | refused | -       |
 */
import { abortSignal, callable, checkOptions, milliseconds, text } from "../core/check-options.ts";
import { SchedulerClosedError } from "../core/errors.ts";
import { Queue, type Ticket } from "../core/queue.ts";
import { shielded } from "../core/shield.ts";
import { closeUnseen, Job, type JobOwner, startJob } from "./job.ts";
import { IdleWaits } from "./idle-waits.ts";
import { reportFailure } from "./report-failure.ts";
import { completeSchedulerOptions, type SchedulerOptions } from "./scheduler-options.ts";

/** How a close went: names of jobs. */
export interface SchedulerReport {
  /** They had not begun, and never will. */
  readonly cancelled: readonly string[];
  /** They ran, were asked to end, and ended. */
  readonly ended: readonly string[];
  /** They ran and did not end in `closeTimeoutMs`; nothing waits for them any more. */
  readonly left: readonly string[];
}

interface Spawning {
  readonly job: Job<unknown>;
  admit(): void;
  refuse(error: unknown): void;
}

/**
 * Runs functions in the background of this thread. Each gets a signal that aborts when it should end.
 *
 * @example
 * ```js
 * import { Scheduler } from "offloop/jobs";
 *
 * const scheduler = new Scheduler({ limit: 2 });
 * const job = await scheduler.spawn(async (signal) => "sent");
 * await scheduler.spawn(async () => console.log("in the background"));
 * // => in the background
 * console.log(await job.wait()); // => sent
 * await scheduler.waitAndClose(); // what still runs may end
 * console.log(scheduler.closed); // => true
 * ```
 */
export class Scheduler implements AsyncDisposable, Iterable<Job<unknown>> {
  readonly name: string;
  readonly limit: number;
  readonly pendingLimit: number;
  readonly closeTimeoutMs: number;
  readonly waitTimeoutMs: number;
  readonly #options: ReturnType<typeof completeSchedulerOptions>;
  readonly #active = new Set<Job<unknown>>();
  readonly #tickets = new Map<Job<unknown>, Ticket>();
  readonly #pending = new Queue<Job<unknown>>((job, ticket) => this.#tickets.set(job, ticket));
  readonly #spawning = new Queue<Spawning>(() => {});
  readonly #shielded = new Set<Promise<unknown>>();
  readonly #idle: IdleWaits;
  readonly #owner: JobOwner;
  #closing: Promise<SchedulerReport> | undefined;
  #closed = false;

  /** @throws TypeError, RangeError for bad options. */
  constructor(options: SchedulerOptions = {}) {
    this.#options = completeSchedulerOptions(options);
    const { name, limit, pendingLimit, closeTimeoutMs, waitTimeoutMs, clock } = this.#options;
    this.name = name;
    this.limit = limit;
    this.pendingLimit = pendingLimit;
    this.closeTimeoutMs = closeTimeoutMs;
    this.waitTimeoutMs = waitTimeoutMs;
    this.#owner = {
      clock,
      closeTimeoutMs,
      ended: (job) => this.#ended(job),
      failed: (job, message, error) => {
        const source = job.source === undefined ? {} : { source: job.source };
        reportFailure(this, { message, job, error, ...source }, this.#options.exceptionHandler);
      },
    };
    const isIdle = (): boolean => this.size + this.#shielded.size + this.#spawning.size === 0;
    this.#idle = new IdleWaits(isIdle, clock);
  }

  get activeCount(): number {
    return this.#active.size;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  /** True once it was closed and no job is left. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Jobs that are active or pending. */
  get size(): number {
    return this.#active.size + this.#pending.size;
  }

  *[Symbol.iterator](): Iterator<Job<unknown>, void> {
    yield* [...this.#active, ...this.#pending.toArray()];
  }

  /**
   * Resolves with the job once it is active or pending: at once, or, while `pendingLimit` jobs wait, when there is room. With room,
   * `fn` is called before this returns. The job's error belongs to who calls its `wait` or `close`, else to `exceptionHandler`.
   *
   * Rejects with `SchedulerClosedError` when the scheduler is closed, also while it waits for room.
   *
   * @throws TypeError for something that is not a function, and for bad options.
   */
  spawn<R>(fn: (signal: AbortSignal) => R, options: { name?: string } = {}): Promise<Job<Awaited<R>>> {
    checkOptions({ fn }, { fn: callable }, "Scheduler.spawn");
    checkOptions(options, { name: text }, "Scheduler.spawn");
    if (this.#closing !== undefined) return Promise.reject(new SchedulerClosedError(this.name));
    const { name = fn.name === "" ? "anonymous" : fn.name } = options;
    const job = new Job<Awaited<R>>(this.#owner, fn, name, this.#options.debug ? sourceOf(this) : undefined);
    if (this.#hasRoom) {
      this.#place(job);
      return Promise.resolve(job);
    }
    return new Promise((resolve, reject) => {
      this.#spawning.push({ job, admit: () => resolve(job), refuse: reject });
    });
  }

  /**
   * Settles as the promise does. Leaving (an aborted `signal`) does not end the work, and closing the scheduler waits for it, as for a job.
   *
   * @throws TypeError for bad options.
   */
  shield<T>(promise: T, options: { signal?: AbortSignal } = {}): Promise<Awaited<T>> {
    checkOptions(options, { signal: abortSignal }, "Scheduler.shield");
    const work = Promise.resolve(promise);
    this.#shielded.add(work);
    const over = (): void => {
      this.#shielded.delete(work);
      this.#idle.look();
    };
    work.then(over, over);
    return shielded(promise, options.signal);
  }

  /**
   * Waits until all jobs have ended, those that wait for a place and those that they spawn meanwhile included, at most `timeoutMs` (`waitTimeoutMs` unless
   * set); then closes.
   *
   * @throws TypeError, RangeError for bad options.
   */
  async waitAndClose(options: { timeoutMs?: number } = {}): Promise<SchedulerReport> {
    checkOptions(options, { timeoutMs: milliseconds({ least: 0 }) }, "Scheduler.waitAndClose");
    await this.#idle.wait(options.timeoutMs ?? this.waitTimeoutMs);
    return this.close();
  }

  /**
   * Asks all active jobs to end and waits for them, at most `closeTimeoutMs`; pending ones are never called. New ones are refused from now on.
   * It never rejects: errors go to `exceptionHandler`. Called again it gives the first call's report.
   */
  close(): Promise<SchedulerReport> {
    return (this.#closing ??= this.#close());
  }

  /** As `waitAndClose()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.waitAndClose();
  }

  get #hasRoom(): boolean {
    return this.#active.size < this.limit || this.#pending.size < this.pendingLimit;
  }

  #place(job: Job<unknown>): void {
    if (this.#active.size < this.limit) {
      this.#active.add(job);
      startJob(job);
    } else {
      this.#tickets.set(job, this.#pending.push(job));
    }
  }

  #ended(job: Job<unknown>): void {
    const ticket = this.#tickets.get(job);
    if (ticket === undefined) this.#active.delete(job);
    else this.#pending.remove(ticket, job);
    this.#tickets.delete(job);
    if (this.#closing === undefined) this.#fill();
    this.#idle.look();
  }

  #fill(): void {
    while (this.#active.size < this.limit) {
      const next = this.#pending.shift();
      if (next === undefined) break;
      this.#tickets.delete(next);
      this.#active.add(next);
      startJob(next);
    }
    while (this.#hasRoom) {
      const waiting = this.#spawning.shift();
      if (waiting === undefined) break;
      this.#place(waiting.job);
      waiting.admit();
    }
  }

  async #close(): Promise<SchedulerReport> {
    // Nothing may start any more: `#closing` is set only when this has returned its promise.
    await Promise.resolve();
    const refusal = new SchedulerClosedError(this.name);
    for (let waiting; (waiting = this.#spawning.shift());) waiting.refuse(refusal);
    const reason = new DOMException("The scheduler was closed", "AbortError");
    const closeAll = (jobs: readonly Job<unknown>[]): Promise<boolean[]> =>
      Promise.all(jobs.map((job) => closeUnseen(job, reason)));
    const cancelled = this.#pending.toArray();
    await closeAll(cancelled);
    const active = [...this.#active];
    const ended = await closeAll(active);
    await this.#idle.wait(this.closeTimeoutMs);
    this.#closed = true;
    const names = (jobs: readonly Job<unknown>[]): string[] => jobs.map(({ name }) => name);
    return {
      cancelled: names(cancelled),
      ended: names(active.filter((_job, index) => ended[index])),
      left: names(active.filter((_job, index) => !ended[index])),
    };
  }
}

/** A stack that begins with who called spawn. */
function sourceOf(scheduler: Scheduler): string {
  const holder = { stack: "" };
  Error.captureStackTrace(holder, scheduler.spawn);
  return holder.stack.replace(/^.*\n\s*/, "");
}
