/**
 * One submitted call, as a promise.
 *
 * | state     | what happened                        | next                                       |
 * | --------- | ------------------------------------ | ------------------------------------------ |
 * | pending   | waits for a worker                   | running, rejected, cancelled               |
 * | running   | a worker has it                      | pending, fulfilled, rejected, cancelled    |
 * | fulfilled | settled with its result              | -                                          |
 * | rejected  | settled with an error                | -                                          |
 * | cancelled | settled because somebody asked for it | -                                         |
 *
 * Only `start`, `requeue` and `settle` change the state, and each says whether it did: the first cause wins, and a
 * late event sees `false` and leaves. running → pending happens when a worker dies before it began the call.
 *
 * It extends Promise instead of wrapping one: `await` and `Promise.all` keep the engine's fast path, linters see a
 * forgotten `await`, and it is smaller (measured: docs/design.md, section 1).
 */
import type { Clock } from "./clock.ts";
import type { FunctionHandle } from "./function-handle.ts";
import type { CallOptions } from "./call-options.ts";

export type TaskState = "pending" | "running" | "fulfilled" | "rejected" | "cancelled";

/** When things happened, in epoch milliseconds, and how long they took. A field is there once it is known. */
export interface TaskTiming {
  readonly submittedAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** Time spent waiting for a worker. */
  readonly queuedMs?: number;
  /** Time the function ran, measured where it ran. */
  readonly runMs?: number;
}

/** What a task needs of the executor that holds it. */
export interface TaskOwner {
  readonly clock: Clock;
  cancel(task: Task<unknown>, reason: unknown): boolean;
}

/** What ends a task from outside. Stopped when the task settles, so that nothing outlives it. */
export interface TaskWatch {
  waiting(): void;
  started(): void;
  /** The run time begins anew, once. False when it did before. */
  startedAgain(): boolean;
  stop(): void;
}

type Settle = (value: unknown) => void;
let ids = 0;
let nextResolve: Settle;
let nextReject: Settle;
// One function for all tasks: a closure for each would cost 64 bytes and a tenth of a submit.
const capture = (resolve: Settle, reject: Settle): void => {
  nextResolve = resolve;
  nextReject = reject;
};
const ignore = (): void => {};

/** pending → running. */
export let start: (task: Task<unknown>, workerId: number, now: number) => boolean;
/** running → pending: the worker never began it. */
export let requeue: (task: Task<unknown>) => boolean;
/** To an end. `runMs` as the worker measured it. */
export let settle: (
  task: Task<unknown>,
  state: "fulfilled" | "rejected" | "cancelled",
  value: unknown,
  runMs?: number,
) => boolean;

/** The promise of a call's result, with a state, a timing and a way to stop it. Executors make them. */
export class Task<R> extends Promise<R> {
  readonly id: number = ++ids;
  /** @internal Another one when a worker could not find the function. */ handle: FunctionHandle;
  /** @internal Dropped once settled, so that a kept task does not keep its arguments. */
  args: unknown[];
  /** @internal */ readonly options: CallOptions;
  /** @internal On the executor's clock. */ readonly submittedAt: number;
  /** @internal Its place in the queue. */ ticket = -1;
  /** @internal Its signal and time limits, when it has some. */ watch: TaskWatch | undefined;
  /** @internal How often it was handed to a worker. */ sends = 0;
  #state: TaskState = "pending";
  readonly #owner: TaskOwner;
  readonly #resolve: Settle;
  readonly #reject: Settle;
  #startedAt: number | undefined;
  #endedAt: number | undefined;
  #runMs: number | undefined;
  #workerId: number | undefined;

  /** @internal */
  constructor(owner: TaskOwner, handle: FunctionHandle, args: unknown[], options: CallOptions) {
    super(capture as ConstructorParameters<typeof Promise<R>>[0]);
    this.#resolve = nextResolve;
    this.#reject = nextReject;
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
    return this.#state;
  }

  /** The worker that has it or had it last. */
  get workerId(): number | undefined {
    return this.#workerId;
  }

  get timing(): TaskTiming {
    const origin = this.#owner.clock.timeOrigin;
    const started = this.#startedAt;
    const ended = this.#endedAt;
    return Object.freeze({
      submittedAt: origin + this.submittedAt,
      ...(started !== undefined && { startedAt: origin + started, queuedMs: started - this.submittedAt }),
      ...(ended !== undefined && { endedAt: origin + ended }),
      ...(this.#runMs !== undefined && { runMs: this.#runMs }),
    });
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

  static {
    start = (task, workerId, now) => {
      if (task.#state !== "pending") return false;
      task.#state = "running";
      task.#workerId = workerId;
      task.#startedAt = now;
      return true;
    };
    requeue = (task) => {
      if (task.#state !== "running") return false;
      task.#state = "pending";
      task.#startedAt = undefined;
      return true;
    };
    settle = (task, state, value, runMs) => {
      if (task.#state !== "pending" && task.#state !== "running") return false;
      task.#state = state;
      task.#endedAt = task.#owner.clock.now();
      if (task.#startedAt !== undefined) task.#runMs = runMs ?? task.#endedAt - task.#startedAt;
      task.args = [];
      task.watch?.stop();
      task.watch = undefined;
      if (state === "fulfilled") {
        task.#resolve(value);
      } else {
        // Who asked for the end need not also catch it; who awaits the task still sees it.
        if (state === "cancelled") void Promise.prototype.then.call(task, undefined, ignore);
        task.#reject(value);
      }
      return true;
    };
  }
}
