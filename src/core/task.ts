/**
 * One submitted call, as a promise.
 *
 * | state     | what happened                         | next                                    |
 * | --------- | ------------------------------------- | --------------------------------------- |
 * | pending   | waits, for a worker or at one         | running, rejected, cancelled            |
 * | running   | a worker has begun it                 | pending, fulfilled, rejected, cancelled |
 * | fulfilled | settled with its result               | -                                       |
 * | rejected  | settled with an error                 | -                                       |
 * | cancelled | settled because somebody asked for it | -                                       |
 *
 * A call that was handed to a worker may wait there behind others, and the worker does not tell when it begins: whoever looks
 * at the state asks the {@link TaskPlace}. Only `handOver`, `requeue` and `settle` change what the task itself knows, and each
 * says whether it did: the first cause wins, and a late event sees `false` and leaves.
 *
 * It extends Promise instead of wrapping one: `await` and `Promise.all` keep the engine's fast path, linters see a
 * forgotten `await`, and it is smaller (measured: docs/design.md, section 1).
 */
import { debugMode, noteSettled } from "./debug.ts";
import type { FunctionHandle } from "./function-handle.ts";
import type { CallOptions } from "./call-options.ts";
import { readProgress } from "./progress.ts";
import { Rejection } from "./rejection.ts";
import { settledListeners, tellSettled } from "./settled.ts";
import type { StackFrame } from "./errors.ts";
import type { Owner, Place, TaskWatch } from "./task-place.ts";
import { type RunEnd, type TaskTiming, timingOf, toNs } from "./task-timing.ts";

export type { TaskWatch } from "./task-place.ts";
export type TaskOwner = Owner<Task<unknown>>;
export type TaskPlace = Place<Task<unknown>>;

export type TaskState = "pending" | "running" | "fulfilled" | "rejected" | "cancelled";

type Settle = (value: unknown) => void;
let ids = 0;
let nextResolve: Settle;
// One function for all tasks: a closure for each would cost 64 bytes and a tenth of a submit. Of the two that a promise gives only one
// is kept, because a waiting task would keep 72 bytes more: it rejects by being resolved with a {@link Rejection}.
const capture = (resolve: Settle): void => {
  nextResolve = resolve;
};
const ignore = (): void => {};
/** Of settled tasks. One for each would cost as much as the arguments did. */
const NO_ARGS: unknown[] = Object.freeze([]) as unknown as unknown[];

/** To a worker. */
export let handOver: (task: Task<unknown>, place: TaskPlace) => boolean;
/** When it began, on the executor's clock. Counts once. */
export let began: (task: Task<unknown>, at: number) => boolean;
/** Back from a worker that never began it. */
export let requeue: (task: Task<unknown>) => boolean;
/** Neither settled nor to be settled by anyone else. */
export let isOpen: (task: Task<unknown>) => boolean;
/** Where it is, while it is handed over. */
export let placeOf: (task: Task<unknown>) => TaskPlace | undefined;
/** To an end. */
export let settle: (
  task: Task<unknown>,
  state: "fulfilled" | "rejected" | "cancelled",
  value: unknown,
  run?: RunEnd,
) => boolean;

/** The promise of a call's result, with a state, a timing and a way to stop it. Executors make them. */
export class Task<R> extends Promise<R> {
  readonly id: number = ++ids;
  /** @internal Another one when a worker could not find the function. */ handle: FunctionHandle;
  /** @internal Dropped once settled, so that a kept task does not keep its arguments. */
  args: unknown[];
  /** @internal */ readonly options: CallOptions;
  /** @internal On the executor's clock. */ readonly submittedAt: number;
  /** @internal Its place in the queue, or its number at its worker. */ ticket = -1;
  /** @internal Its signal and time limits, when it has some. */ watch: TaskWatch | undefined;
  /** @internal How often it was handed to a worker. */ sends = 0;
  #state: Exclude<TaskState, "running"> | "sent" = "pending";
  readonly #owner: TaskOwner;
  readonly #resolve: Settle;
  // Since `submittedAt`, but for the last.
  #waitedNs: number | undefined;
  #endedNs: number | undefined;
  #ranNs: number | undefined;
  #place: TaskPlace | undefined;
  #workerId: number | undefined;

  /** @internal */
  constructor(owner: TaskOwner, handle: FunctionHandle, args: unknown[], options: CallOptions) {
    super(capture as ConstructorParameters<typeof Promise<R>>[0]);
    this.#resolve = nextResolve;
    this.#owner = owner;
    this.handle = handle;
    this.args = args;
    this.options = options;
    this.submittedAt = owner.clock.now();
  }

  static {
    // `then()` of a task gives a plain promise, and the engine's checks for an unchanged Promise hold.
    void Object.defineProperty(this.prototype, "constructor", {
      value: Promise,
      configurable: true,
      writable: true,
    });
    void Object.defineProperty(this, Symbol.species, { get: () => Promise });
  }

  /** The function's name, or the `name` given with the call. */
  get name(): string {
    return this.options.name ?? this.handle.name;
  }

  get state(): TaskState {
    if (this.#state !== "sent") return this.#state;
    return this.#place!.hasBegun(this) ? "running" : "pending";
  }

  /** The worker that has it or had it last. */
  get workerId(): number | undefined {
    return this.#workerId;
  }

  get timing(): TaskTiming {
    const origin = this.#owner.clock.timeOrigin;
    const isRunning = this.#waitedNs === undefined && this.state === "running";
    const waitedNs = isRunning ? this.#sinceSubmitted(this.#place!.startedAt(this)) : this.#waitedNs;
    return timingOf(origin + this.submittedAt, waitedNs, this.#endedNs, this.#ranNs);
  }

  /**
   * Stops the task. A waiting one is taken out of the queue. A running one is told through its `signal` and
   * `throwIfAborted()` when it looked at one of them, and has `cancelGraceMs` to end; otherwise its worker is ended and
   * replaced. Either way the promise rejects at once: with `reason`, or with the platform's `AbortError` when none is given.
   * That rejection counts as handled.
   *
   * @returns true when this call decided the outcome, false when the task was settled already.
   */
  cancel(reason?: unknown): boolean {
    return this.#owner.cancel(this, reason);
  }

  /**
   * Where the task is right now, innermost first, with the places in the source that source maps name; empty for one that awaits.
   * The running code is not changed by it: it answers between two of its statements, and goes on. Undefined for a task that does
   * not run, that ends meanwhile, that is inside of one native call for five seconds, that runs inline, or in a child process of
   * an executor without `stacks: true`; and where the inspector is missing or denied (`--permission`).
   *
   * @example
   * ```js
   * import { runInExecutor } from "offloop";
   *
   * const task = runInExecutor(null, function spin() {
   *   for (;;);
   * });
   * let stack = [];
   * while (!stack.some((frame) => frame.function === "spin")) {
   *   await new Promise((resolve) => setTimeout(resolve, 10));
   *   stack = (await task.stack()) ?? []; // of a task that a worker has begun
   * }
   * console.log(task.state); // => running
   * task.cancel();
   * ```
   */
  stack(): Promise<readonly StackFrame[] | undefined> {
    return this.#owner.stack?.(this) ?? Promise.resolve(undefined);
  }

  /**
   * What the task reports with `currentTask().report(value)`, as copies, until it settles: the last report is there before the result. Of
   * reports that are not read yet the latest 64 are kept. Each loop over it begins with the oldest that is kept; none cares how the task ends.
   *
   * @example
   * ```js
   * import { currentTask, runInExecutor, shutdownDefaultExecutors } from "offloop";
   *
   * const task = runInExecutor(null, () => {
   *   for (let page = 1; page <= 3; page++) currentTask().report({ page });
   *   return "done";
   * });
   * for await (const { page } of task.progress) console.log(page);
   * // => 1
   * // => 2
   * // => 3
   * console.log(await task); // => done
   * await shutdownDefaultExecutors();
   * ```
   */
  get progress(): AsyncIterable<unknown> {
    return readProgress(this, isOpen(this));
  }

  /** @internal To TypeScript a plain function that returns a generator is a generator function, and its task a stream. */
  protected [Symbol.asyncIterator](): never {
    throw new TypeError(
      `${this.name} is no generator function: its call is a task. Stream it: executor.stream(fn, args)`,
    );
  }

  #sinceSubmitted(at: number): number {
    return toNs(at - this.submittedAt);
  }

  static {
    handOver = (task, place) => {
      if (task.#state !== "pending") return false;
      task.#state = "sent";
      task.#place = place;
      task.#workerId = place.id;
      return true;
    };
    began = (task, at) => {
      if (task.#waitedNs !== undefined) return false;
      task.#waitedNs = task.#sinceSubmitted(at);
      return true;
    };
    requeue = (task) => {
      if (task.#state !== "sent") return false;
      task.#state = "pending";
      task.#place = undefined;
      task.#waitedNs = undefined;
      return true;
    };
    isOpen = (task) => task.#state === "sent" || task.#state === "pending";
    placeOf = (task) => task.#place;
    settle = (task, state, value, run) => {
      if (task.#state !== "pending" && task.#state !== "sent") return false;
      task.#state = state;
      task.#place = undefined;
      const waitedNs = task.#waitedNs;
      task.#endedNs = task.#sinceSubmitted(run?.now ?? task.#owner.clock.now());
      if (waitedNs !== undefined) {
        task.#ranNs = run === undefined ? task.#endedNs - waitedNs : toNs(run.runMs);
      }
      task.args = NO_ARGS;
      if (task.watch !== undefined) {
        task.watch.stop();
        task.watch = undefined;
      }
      if (debugMode.isOn) noteSettled(task, state, value);
      if (settledListeners.areUsed) tellSettled(task, state, value);
      if (state === "fulfilled") {
        task.#resolve(value);
      } else {
        // Who asked for the end need not also catch it; who awaits the task still sees it.
        if (state === "cancelled") void Promise.prototype.then.call(task, undefined, ignore);
        task.#resolve(new Rejection(value));
      }
      return true;
    };
  }
}
