/**
 * A child of a {@link TaskGroup}: a promise that knows its state, can be asked to end, and remembers whether anybody looked at it.
 *
 * | state     | what happened                                             |
 * | --------- | --------------------------------------------------------- |
 * | running   | its function has not ended                                |
 * | fulfilled | it gave a result                                          |
 * | rejected  | it threw                                                  |
 * | cancelled | it was asked to end, and its error says no more than that |
 */
import { isAbort } from "../core/is-abort.ts";
import { onAbort } from "../core/on-abort.ts";
import { begin } from "../core/work.ts";

export type GroupTaskState = "running" | "fulfilled" | "rejected" | "cancelled";

const live = new Set<GroupTask<unknown>>();
const ignore = (): void => {};
const now = (): number => performance.timeOrigin + performance.now();

/** @internal Why it failed, unless somebody has awaited it. */
export let unseenFailure: (task: GroupTask<unknown>) => { readonly error: unknown } | undefined;
/** @internal Why it failed. */
export let failure: (task: GroupTask<unknown>) => { readonly error: unknown } | undefined;
/** @internal */
export let startChild: <R>(
  fn: (signal: AbortSignal) => R,
  name: string,
  parent: AbortSignal,
) => GroupTask<Awaited<R>>;

/** What a task group runs on this thread. `TaskGroup.spawn` makes them. */
export class GroupTask<R> extends Promise<R> {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly startedAt: number = now();
  readonly #controller = new AbortController();
  #state: GroupTaskState = "running";
  #looked = false;
  #failure: { readonly error: unknown } | undefined;
  #cancelWork: (reason: unknown) => void = ignore;

  private constructor(
    name: string,
    executor: (resolve: (value: R) => void, reject: (error: unknown) => void) => void,
  ) {
    super(executor);
    this.name = name;
  }

  /** What follows from it is a plain promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  get state(): GroupTaskState {
    return this.#state;
  }

  // It only notes the look. `await` comes here, too, because `constructor` is not Promise.
  // oxlint-disable-next-line unicorn/no-thenable
  override then<A = R, B = never>(
    onFulfilled?: ((value: R) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#looked = true;
    return super.then(onFulfilled, onRejected);
  }

  /**
   * Asks it to end: its signal aborts, with `reason` or the platform's `AbortError`, and a task of an executor that its function
   * returned is cancelled. It settles when its function has ended.
   *
   * @returns true when it was running and had not been asked before.
   */
  cancel(reason?: unknown): boolean {
    const { signal } = this.#controller;
    if (this.#state !== "running" || signal.aborted) return false;
    this.#controller.abort(reason);
    this.#cancelWork(signal.reason);
    return true;
  }

  #run(fn: (signal: AbortSignal) => unknown, parent: AbortSignal): Promise<unknown> {
    const { signal } = this.#controller;
    const work = begin(() => fn(signal));
    this.#cancelWork = (reason) => work.cancel(reason);
    if (signal.aborted) work.cancel(signal.reason);
    const stopListening = parent.aborted ? ignore : onAbort(parent, () => void this.cancel(parent.reason));
    if (parent.aborted) this.cancel(parent.reason);
    live.add(this);
    const ended = (state: GroupTaskState): void => {
      this.#state = state;
      this.#cancelWork = ignore;
      stopListening();
      live.delete(this);
    };
    return work.promise.then(
      (value) => {
        ended("fulfilled");
        return value;
      },
      (error: unknown) => {
        const asked = signal.aborted && isAbort(error, signal);
        ended(asked ? "cancelled" : "rejected");
        if (!asked) this.#failure = { error };
        throw error;
      },
    );
  }

  static {
    unseenFailure = (task) => (task.#looked ? undefined : task.#failure);
    failure = (task) => task.#failure;
    startChild = <F>(fn: (signal: AbortSignal) => F, name: string, parent: AbortSignal) => {
      let settle: (outcome: Promise<unknown>) => void = ignore;
      const task = new GroupTask<Awaited<F>>(name, (resolve) => {
        settle = resolve as (outcome: unknown) => void;
      });
      // Its group looks at its outcome, so nobody else has to.
      void Promise.prototype.then.call(task, ignore, ignore);
      settle(task.#run(fn, parent));
      return task;
    };
  }
}

/** Those that run now, in any group. */
export function liveTasks(): Set<GroupTask<unknown>> {
  return new Set(live);
}
