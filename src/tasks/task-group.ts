/**
 * `asyncio.TaskGroup`: nothing that was started inside outlives the block, and no error is lost.
 *
 * | state   | what happened                                | spawn   | next            |
 * | ------- | -------------------------------------------- | ------- | --------------- |
 * | open    | -                                            | runs    | ending, closed  |
 * | ending  | a child failed, or it was cancelled          | refused | closed          |
 * | closed  | `run` or the block is over, no child is left | refused | -               |
 */
import { abortSignal, callable, checkOptions, clockLike, text } from "../core/check-options.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { SchedulerClosedError } from "../core/errors.ts";
import { isAbort } from "../core/is-abort.ts";
import { onAbort } from "../core/on-abort.ts";
import { warn } from "../core/warn.ts";
import { failure, type GroupTask, startChild, unseenFailure } from "./group-task.ts";
import { nameOf } from "./wrapper.ts";

export interface TaskGroupOptions {
  /** Cancels the group when it aborts. */
  signal?: AbortSignal;
  /** For messages. */
  name?: string;
  /** For tests. */
  clock?: Clock;
}

// Arbitrary: long enough for every orderly end, short enough to be read by whoever waits.
const IGNORED_SIGNAL_MS = 10_000;

/**
 * Runs functions on this thread that belong together. Each gets a signal. When one fails, the signals of the others abort; leaving the group
 * waits until all have ended. So nothing goes on behind the caller's back; a function that does not look at its signal is waited
 * for, however long that takes, and warned about after ten seconds (`OFFLOOP_WARN_TASK_GROUP_WAITS`).
 *
 * - `TaskGroup.run((group) => …)` waits for all children, then gives what the function gave.
 * - `await using group = new TaskGroup()`: leaving the block cancels the children that still run, and waits for them. `await
 *   group.join()` before waits for them without that.
 *
 * One error is thrown as itself, several as an `AggregateError`. Errors of children that were only asked to end are none.
 *
 * @example
 * ```js
 * import { sleep, TaskGroup } from "offloop/tasks";
 *
 * const sum = await TaskGroup.run(async (group) => {
 *   const one = group.spawn((signal) => sleep(5, 1, { signal }));
 *   const two = group.spawn((signal) => sleep(5, 2, { signal }));
 *   return (await one) + (await two);
 * });
 * console.log(sum); // => 3
 *
 * const error = await TaskGroup.run((group) => {
 *   group.spawn((signal) => sleep(60_000, "never", { signal })); // ended, because
 *   group.spawn(() => Promise.reject(new Error("no"))); // this one fails
 * }).catch((reason) => reason);
 * console.log(error.message); // => no
 * ```
 */
export class TaskGroup implements AsyncDisposable {
  readonly name: string;
  readonly #clock: Clock;
  readonly #controller = new AbortController();
  readonly #running = new Set<GroupTask<unknown>>();
  readonly #failed = new Set<GroupTask<unknown>>();
  readonly #waiting = new Set<() => void>();
  readonly #stopListening: () => void = () => {};
  #closed = false;

  /** @throws TypeError for bad options. */
  constructor(options: TaskGroupOptions = {}) {
    checkOptions(options, { signal: abortSignal, name: text, clock: clockLike }, "TaskGroup");
    const { signal, name = "TaskGroup", clock = systemClock } = options;
    this.name = name;
    this.#clock = clock;
    if (signal?.aborted === true) this.cancel(signal.reason);
    else if (signal !== undefined) this.#stopListening = onAbort(signal, () => this.cancel(signal.reason));
  }

  /**
   * Calls `body`, waits for all children, and gives what `body` gave. When it throws, or a child does, the rest is cancelled and waited
   * for; then this rejects.
   */
  static async run<R>(body: (group: TaskGroup) => R, options: TaskGroupOptions = {}): Promise<Awaited<R>> {
    checkOptions({ body }, { body: callable }, "TaskGroup.run");
    const group = new TaskGroup(options);
    try {
      const result = await body(group);
      await group.join();
      return result;
    } catch (error) {
      group.cancel(abortError(`${group.name} has failed`, error));
      await group.#ended();
      throw oneError([...group.#failed], error, group.signal);
    } finally {
      group.#close();
    }
  }

  /** Aborts when a child fails, the group is cancelled or its block is left. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** How many children run. */
  get size(): number {
    return this.#running.size;
  }

  /**
   * Calls `fn` with a signal, now. The task need not be awaited: its error fails the group. In a group that is ending or over,
   * `fn` is not called and the task rejects with `SchedulerClosedError`.
   *
   * @throws TypeError for something that is not a function, and for bad options.
   */
  spawn<R>(fn: (signal: AbortSignal) => R, options: { name?: string } = {}): GroupTask<Awaited<R>> {
    checkOptions({ fn }, { fn: callable }, "TaskGroup.spawn");
    checkOptions(options, { name: text }, "TaskGroup.spawn");
    const { name = nameOf(fn) } = options;
    const refused = this.#closed || this.signal.aborted;
    const task = startChild<R>(refused ? () => refuse(this.name) : fn, name, this.signal);
    if (!refused) this.#add(task);
    return task;
  }

  /** Asks all children to end: their signals abort, with `reason` or the platform's `AbortError`. New ones are refused. */
  cancel(reason?: unknown): void {
    this.#controller.abort(reason);
  }

  /** Resolves when no child runs. @throws the errors of children; the reason when the group was cancelled */
  async join(): Promise<void> {
    await this.#ended();
    const errors = [...this.#failed];
    this.#failed.clear();
    if (errors.length > 0) throw oneError(errors);
    this.signal.throwIfAborted();
  }

  /** Cancels the children that still run and waits for them. @throws the errors of children that nobody awaited */
  async [Symbol.asyncDispose](): Promise<void> {
    this.cancel(abortError(`The block of ${this.name} was left`));
    await this.#ended();
    this.#close();
    const unseen = [...this.#failed].filter((task) => unseenFailure(task) !== undefined);
    if (unseen.length > 0) throw oneError(unseen);
  }

  #add(task: GroupTask<unknown>): void {
    this.#running.add(task);
    const ended = (): void => {
      this.#running.delete(task);
      const failed = failure(task);
      if (failed !== undefined) {
        this.#failed.add(task);
        this.cancel(abortError(`${task.name} has failed in ${this.name}`, failed.error));
      }
      if (this.#running.size === 0) for (const wake of this.#waiting) wake();
    };
    // Not through its own `then`, which notes that somebody looks.
    void Promise.prototype.then.call(task, ended, ended);
  }

  async #ended(): Promise<void> {
    const stopWarning = this.#clock.after(IGNORED_SIGNAL_MS, () => this.#warn());
    while (this.#running.size > 0) {
      const woken = new Promise<void>((resolve) => this.#waiting.add(resolve));
      await woken;
      this.#waiting.clear();
    }
    stopWarning();
  }

  #warn(): void {
    if (!this.signal.aborted) return;
    const names = [...this.#running].map(({ name }) => name).join(", ");
    warn(
      "TASK_GROUP_WAITS",
      `${this.name} was told to end ${IGNORED_SIGNAL_MS / 1000} s ago and still waits for: ${names}`,
    );
  }

  #close(): void {
    this.#closed = true;
    this.#stopListening();
  }
}

function abortError(message: string, cause?: unknown): DOMException {
  return Object.defineProperty(new DOMException(message, "AbortError"), "cause", {
    value: cause,
    configurable: true,
    writable: true,
  });
}

function refuse(name: string): never {
  throw new SchedulerClosedError(name);
}

/** What there is to throw: the children's errors and the body's, each once. */
function oneError(tasks: readonly GroupTask<unknown>[], bodys?: unknown, signal?: AbortSignal): unknown {
  const errors = new Set(tasks.map((task) => failure(task)?.error));
  if (bodys !== undefined && !(errors.size > 0 && isAbort(bodys, signal))) errors.add(bodys);
  const [first, ...more] = errors;
  if (more.length === 0) return first;
  return new AggregateError(errors, `${errors.size} tasks have failed`, { cause: first });
}
