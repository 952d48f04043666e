/**
 * Takes tasks, gives them to workers, settles them. One dispatcher serves every kind of executor.
 *
 *   submit ─► free worker? ─ yes ─► send ─► (worker) ─► results ─► settle ─► next
 *                 └ no ─► queue ─► a worker becomes free ─┘
 *
 * Who settles a task, whatever happens:
 *
 * | event                        | settled by                                                         |
 * | ---------------------------- | ------------------------------------------------------------------ |
 * | the worker answers           | {@link Assignment}, with the answer                                |
 * | it cannot be sent            | `Sending`, with the reason                                         |
 * | cancel, signal, time limit   | `Ending`, at once; what its worker does is dealt with after        |
 * | the worker dies              | {@link Assignment}: to the queue again, or WorkerLostError         |
 * | no worker can start          | `Starts`                                                           |
 * | shutdown                     | `close`, through `Ending`                                          |
 */
import { abortError } from "../core/is-abort.ts";
import type { Clock } from "../core/clock.ts";
import { Deadlines } from "../core/deadlines.ts";
import { BrokenExecutorError, ExecutorClosedError, type StackFrame } from "../core/errors.ts";
import type { CompleteOptions } from "../core/executor-options.ts";
import type { ShutdownReport } from "../core/executor.ts";
import type { DispatchStatistics } from "../core/statistics.ts";
import { listTasksOf, type TaskSource } from "../core/open-tasks.ts";
import type { Task } from "../core/task.ts";
import { Admission } from "./admission.ts";
import { Assignment } from "./assignment.ts";
import { Capacity } from "./capacity.ts";
import { closable, unsettled } from "./closable.ts";
import { close, type ShutdownLimits } from "./closing.ts";
import { Idleness } from "./idleness.ts";
import { KeepAlive } from "./keep-alive.ts";
import { type Needs, needsOf } from "./needs.ts";
import { Streaming, type TurnOwner } from "./streaming.ts";
import { startedOf } from "./pinned.ts";
import { snapshot } from "./snapshot.ts";
import { Starts } from "./starts.ts";
import type { TravelHelp } from "./travel-help.ts";
import { Waiters } from "./waiters.ts";
import { watch, type WatchEvents } from "./watch.ts";
import type { WorkerDriver } from "./worker-link.ts";

type DispatcherOptions = CompleteOptions & { readonly clock: Clock; readonly random?: () => number };

export class Dispatcher implements TurnOwner, TaskSource, WatchEvents {
  readonly clock: Clock;
  readonly #kind: WorkerDriver["kind"];
  readonly #options: CompleteOptions;
  readonly #deadlines: Deadlines;
  readonly #admission: Admission;
  readonly #work: Assignment;
  readonly #waiters = new Waiters();
  readonly #capacity: Capacity;
  readonly #keepAlive = new KeepAlive();
  readonly #idleness: Idleness;
  #closing: Promise<ShutdownReport> | undefined;
  readonly #starts: Starts;
  readonly streaming: Streaming;
  readonly needs = (task: Task<unknown>): Needs => needsOf(task, this.#work, this.#options);

  constructor(driver: WorkerDriver, options: DispatcherOptions, travel: TravelHelp) {
    const { clock, name, random = Math.random } = options;
    this.clock = clock;
    this.#kind = driver.kind;
    this.#options = options;
    this.#deadlines = new Deadlines(clock);
    this.#admission = new Admission(name, clock, random);
    this.#work = new Assignment(
      { driver, options, clock, random, deadlines: this.#deadlines, travel },
      {
        settled: () => this.settled(),
        started: () => {
          this.#starts.started();
          if (this.#hasMinimum) this.#waiters.haveWorkers();
        },
        broken: () => this.#admission.broken(),
        isOpen: () => this.#admission.open,
        startFailed: (cause) => {
          this.#starts.failed(cause);
          this.settled();
        },
        notReplaced: (cause) => this.#waiters.failed(new BrokenExecutorError(name, cause)),
      },
    );
    const held = { waiters: this.#waiters, keepAlive: this.#keepAlive };
    this.#idleness = new Idleness(this.#work, this.#admission, this.#deadlines, held);
    this.#capacity = new Capacity(options, this.#work);
    this.#starts = new Starts({
      executor: name,
      admission: this.#admission,
      waiters: this.#waiters,
      deadlines: this.#deadlines,
      random,
      work: () => this.#work,
      reject: (task, error) => void this.end(task, "rejected", error),
    });
    this.streaming = new Streaming(this, this.#work, this.#deadlines, options);
    listTasksOf(this);
  }

  /** Starts `minWorkers`, and the first one for `calls` to come: a function that is looked up meanwhile takes as long. */
  open(calls = 0): void {
    if (this.#work.crew.size === 0 && this.#admission.state === "running") this.#work.crew.grow(calls);
  }

  submit(task: Task<unknown>): void {
    const { ledger } = this.#work;
    ledger.submitted(task);
    const { signal } = task.options;
    if (signal?.aborted === true) return void ledger.settle(task, "cancelled", signal.reason);
    const refusal = this.#admission.refusal() ?? this.#capacity.refusal;
    if (refusal !== undefined) return void ledger.settle(task, "rejected", refusal);
    this.takeOn(task);
    this.#work.offer(task, this.#admission.state === "probing" ? 1 : Infinity);
  }

  /** From now on it holds the process, and its limits hold. */
  takeOn(task: Task<unknown>): void {
    this.#keepAlive.hold();
    task.watch = watch(task, this.#options, this.#deadlines, this);
  }

  /** A task of `make` for each worker that has started. @throws ExecutorClosedError, what `make` throws */
  broadcast(make: () => Task<unknown>): Task<unknown>[] {
    if (!this.#admission.open) throw new ExecutorClosedError(this.#options.name);
    return startedOf(this.#work.crew.seats()).map((seat) => {
      const task = make();
      this.#work.ledger.submitted(task);
      this.takeOn(task);
      this.#work.pin(task, seat);
      return task;
    });
  }

  cancel(task: Task<unknown>, reason: unknown): boolean {
    return this.aborted(task, reason ?? abortError());
  }

  stack(task: Task<unknown>): Promise<readonly StackFrame[] | undefined> {
    return this.#work.ending.stack(task);
  }

  aborted(task: Task<unknown>, reason: unknown): boolean {
    return this.end(task, "cancelled", reason);
  }

  waitedTooLong(task: Task<unknown>, timeoutMs: number): void {
    this.#work.ending.timeOut(task, timeoutMs, "queued");
    this.settled();
  }

  ranTooLong(task: Task<unknown>, timeoutMs: number, isLast: boolean): boolean {
    const again = this.#work.ending.ranTooLong(task, timeoutMs, isLast);
    this.settled();
    return again;
  }

  runsSince(task: Task<unknown>): number | undefined {
    return this.#work.ending.runsSince(task);
  }

  end(task: Task<unknown>, state: "rejected" | "cancelled", reason: unknown): boolean {
    const stream = this.#work.ledger.streams.of(task);
    if (stream !== undefined) return this.streaming.end(stream, reason);
    const isFirst = this.#work.ending.end(task, state, reason);
    if (isFirst) this.settled();
    return isFirst;
  }

  /** @throws BrokenExecutorError, ExecutorClosedError */
  async ready(): Promise<void> {
    const { crew } = this.#work;
    const refused = this.#admission.refusal();
    if (refused === undefined) crew.grow(crew.ready === 0 ? 1 : 0);
    // A driver that fails at once has broken the executor by now.
    const refusal = refused ?? this.#admission.refusal();
    if (refusal !== undefined) throw refusal;
    if (this.#hasMinimum) return;
    this.#keepAlive.hold();
    await this.#waiters.ready();
  }

  get #hasMinimum(): boolean {
    return this.#work.crew.ready >= Math.max(1, this.#options.minWorkers);
  }

  /** @throws ExecutorClosedError, the signal's reason */
  async waitForCapacity(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (!this.#admission.open) throw new ExecutorClosedError(this.#options.name);
    if (this.#capacity.refusal !== undefined) await this.#capacity.wait(signal);
  }

  idle(): Promise<void> {
    return this.#idleness.idle();
  }

  get size(): { readonly minWorkers: number; readonly maxWorkers: number } {
    return this.#options;
  }

  resize(size: { minWorkers?: number; maxWorkers?: number }): void {
    Object.assign(this.#options, size);
    if (!this.#admission.open) return;
    this.#work.resized();
    if (this.#hasMinimum) this.#waiters.haveWorkers();
    this.settled();
  }

  openTasks(): Task<unknown>[] {
    return unsettled(this.#work);
  }

  statistics(): DispatchStatistics {
    const { crew, ledger } = this.#work;
    const { state } = this.#admission;
    return snapshot({ kind: this.#kind, state, options: this.#options, crew, ledger, clock: this.clock });
  }

  shutdown(limits: ShutdownLimits): Promise<ShutdownReport> {
    return (this.#closing ??= this.#close(limits));
  }

  async #close(limits: ShutdownLimits): Promise<ShutdownReport> {
    this.#admission.drain();
    // One for all: an error for each of 100 000 calls, with the stack that they share, takes four seconds.
    const closed = new ExecutorClosedError(this.#options.name);
    const killed = new ExecutorClosedError(this.#options.name, true);
    this.#capacity.end(closed);
    this.#keepAlive.hold();
    if (limits.timeoutMs === Infinity) this.streaming.drain();
    const work = closable(this.#work, {
      idle: () => this.#idleness.drained(),
      end: (task, isKilled) => void this.aborted(task, isKilled ? killed : closed),
    });
    const report = await close(work, limits, this.clock, this.#deadlines);
    this.#admission.close();
    this.#waiters.failed(closed);
    this.#deadlines.clear();
    this.#keepAlive.end();
    return report;
  }

  /** Something settled: is anything left? */
  settled(): void {
    this.#capacity.grantSoon();
    this.#idleness.settled();
  }
}
