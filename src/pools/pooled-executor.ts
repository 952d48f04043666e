/**
 * What the executors share: the public face over a dispatcher. The face is all that a user holds and nothing inside refers
 * to it, so an executor that is dropped without `shutdown()` is collected; it is then warned about and shut down.
 */
import { checkCallOptions, type CallOptions, NO_OPTIONS } from "../core/call-options.ts";
import { abortSignal, checkOptions, withoutUndefined } from "../core/check-options.ts";
import { debugMode, forgetUnclosed, type Made, noteSubmitted, noteUnclosed, placeOf } from "../core/debug.ts";
import { BrokenExecutorError } from "../core/errors.ts";
import { completeOptions, RESIZE_CHECKS, SHUTDOWN_CHECKS } from "../core/executor-options.ts";
import type { Executor, ExecutorOptions, ShutdownOptions, ShutdownReport } from "../core/executor.ts";
import { type AnyFunction, type FunctionHandle, functionHandle } from "../core/function-handle.ts";
import { NotInstalled } from "../core/installed-package.ts";
import { warnOfLostClasses } from "../core/lost-class.ts";
import { ownWorker } from "../core/realm.ts";
import type { ExecutorStatistics } from "../core/statistics.ts";
import { settle, Task } from "../core/task.ts";
import { checkContexts, keepStores, storesNow } from "../core/contexts.ts";
import { TRACEPARENT } from "../core/opentelemetry.ts";
import { warn } from "../core/warn.ts";
import type { MapOptions } from "../core/map-options.ts";
import type { StreamOptions } from "../core/stream-options.ts";
import type { StreamedFrom, TaskStream } from "../core/task-stream.ts";
import { Dispatcher } from "../dispatch/dispatcher.ts";
import { debuggerEnables } from "../inspect/scripts.ts";
import { mapOver } from "../flow/map.ts";
import { checkStream, streamFrom } from "../flow/stream.ts";
import { streamHere } from "../flow/stream-here.ts";
import { findErrorClass } from "../travel/error-class.ts";
import { resendAs } from "../travel/resend.ts";
import type { ResolveFunction } from "../wire/frames.ts";
import { resultsOfAll } from "./broadcast.ts";
import type { ExecutorKind } from "./executor-kind.ts";
import { transferListOf } from "../wire/transfer.ts";
import { MainWaits } from "./main-waits.ts";
import { checkSize } from "./check-size.ts";
import { insideTask, runHere } from "./run-here.ts";
import { traceTask } from "./task-spans.ts";
import { workerSetup } from "./worker-setup.ts";

const SHUTDOWN_MS = 10_000;

const counts = new Map<string, number>();

interface Dropped {
  readonly dispatcher: Dispatcher;
  readonly made: Made | undefined;
}

const dropped = new FinalizationRegistry<Dropped>(({ dispatcher, made }) => {
  forgetUnclosed(made);
  const { name, state } = dispatcher.statistics();
  if (state === "draining" || state === "closed") return;
  const place = made === undefined ? "" : ` It was made${placeOf(made)}`;
  warn("UNCLOSED", `The executor ${name} was dropped without shutdown(). It is shut down now.${place}`);
  void dispatcher.shutdown({ cancelPending: false, timeoutMs: Infinity });
});

export abstract class PooledExecutor implements Executor {
  readonly name: string;
  readonly #kind: ExecutorKind;
  readonly #dispatcher: Dispatcher;
  readonly #made: Made | undefined;
  readonly #context: readonly string[] | undefined;
  readonly #waits: MainWaits;
  #shutdownMs: number | undefined;

  /** @throws TypeError, RangeError naming the option; TravelError for an initializer that cannot travel. */
  protected constructor(kind: ExecutorKind, given: ExecutorOptions) {
    const count = (counts.get(kind.prefix) ?? 0) + 1;
    counts.set(kind.prefix, count);
    const name = `${kind.prefix}-${count}`;
    const options = completeOptions(given, kind.owner, { name, maxWorkers: kind.maxWorkers });
    checkSize(options, kind);
    if (options.stacks === true && !kind.hasStacks) {
      throw new TypeError(`${kind.owner}: option "stacks" cannot be true here: there is no worker to ask`);
    }
    kind.check?.(given, kind.owner);
    this.name = options.name;
    this.#kind = kind;
    // Inside a worker this executor starts nothing, so a function that it could not resolve there is not looked for.
    const resolve = ownWorker() === undefined ? kind.resolve : resolveHere;
    const travel = { findErrorClass, resendAs };
    checkContexts(options.context, kind.owner);
    this.#context = options.context;
    const setup = workerSetup(options, resolve);
    this.#dispatcher = new Dispatcher(kind.driver(setup), options, travel);
    this.#waits = new MainWaits(setup.mainCalls, this.#dispatcher);
    const complaint = `The executor ${this.name} was never shut down`;
    const made = ownWorker() === undefined ? noteUnclosed(complaint, new.target as never) : undefined;
    this.#made = made;
    dropped.register(this, { dispatcher: this.#dispatcher, made }, this);
    if (ownWorker() === undefined) this.#dispatcher.open();
  }

  submit<A extends unknown[], R>(fn: (...args: A) => R, args: A, options?: CallOptions): Task<Awaited<R>> {
    if (typeof fn !== "function") {
      throw new TypeError(`${this.#kind.owner}.submit: fn must be a function, got ${typeof fn}`);
    }
    if (!Array.isArray(args)) {
      throw new TypeError(`${this.#kind.owner}.submit: args must be an array, got ${typeof args}`);
    }
    const checked = checkCallOptions(options);
    if (insideTask()) return runHere(fn, args, checked);
    const task = this.#newTask(fn, args, checked);
    return task as Task<Awaited<R>>;
  }

  map<T, R>(
    fn: (item: T) => R,
    items: Iterable<T> | AsyncIterable<T>,
    options: MapOptions = {},
  ): TaskStream<Awaited<R>> {
    return mapOver({ executor: this, owner: `${this.#kind.owner}.map` }, fn, items, options);
  }

  stream<A extends unknown[], Y>(
    fn: (...args: A) => StreamedFrom<Y>,
    args: A,
    options: StreamOptions = {},
  ): TaskStream<Y> {
    const owner = `${this.#kind.owner}.stream`;
    if (insideTask()) return streamHere(fn, args, checkStream(fn, args, options, owner).signal);
    return streamFrom(
      {
        host: this.#dispatcher.streaming,
        resolve: this.#kind.resolve,
        stores: this.#context && storesNow(this.#context),
        waits: this.#waits,
        owner,
      },
      fn,
      args,
      options,
    );
  }

  broadcast<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Promise<Awaited<R>[]> {
    if (typeof fn !== "function") {
      throw new TypeError(`${this.#kind.owner}.broadcast: fn must be a function, got ${typeof fn}`);
    }
    if (args.some((argument) => transferListOf(argument) !== undefined)) {
      throw new TypeError(
        `${this.#kind.owner}.broadcast: nothing can be moved to several workers; pass a copy`,
      );
    }
    const results = this.#broadcast(fn, args) as Promise<Awaited<R>[]>;
    return this.#waits.promise(results, `broadcast(${fn.name})`, "all");
  }

  async #broadcast(fn: AnyFunction, args: unknown[]): Promise<unknown[]> {
    const dispatcher = this.#dispatcher;
    this.#waits.refuseBroadcast(fn.name);
    const tasks = insideTask()
      ? [runHere(fn as (...args: unknown[]) => unknown, args, NO_OPTIONS)]
      : dispatcher.broadcast(() =>
          this.#accompany(new Task<unknown>(dispatcher, this.#kind.resolve(fn), args, NO_OPTIONS)),
        );
    return resultsOfAll(`broadcast(${fn.name})`, tasks);
  }

  ready(): Promise<void> {
    // Inside a worker there is nothing to start: calls run in place.
    if (ownWorker() !== undefined) return Promise.resolve();
    return this.#dispatcher.ready();
  }

  waitForCapacity(signal?: AbortSignal): Promise<void> {
    checkOptions({ signal }, { signal: abortSignal }, `${this.#kind.owner}.waitForCapacity`);
    // Inside a worker calls run in place, and never wait.
    if (ownWorker() !== undefined) return Promise.resolve();
    return this.#waits.room(this.#dispatcher.waitForCapacity(signal));
  }

  idle(): Promise<void> {
    return this.#waits.promise(this.#dispatcher.idle(), "idle()", "all");
  }

  resize(size: { minWorkers?: number; maxWorkers?: number }): void {
    checkOptions(size, RESIZE_CHECKS, `${this.#kind.owner}.resize`);
    const given = withoutUndefined(size);
    checkSize({ ...this.#dispatcher.size, ...given }, this.#kind);
    if (ownWorker() !== undefined) return;
    this.#dispatcher.resize(given);
    this.#waits.resized();
  }

  statistics(): ExecutorStatistics {
    return Object.freeze({ ...this.#dispatcher.statistics(), debuggerEnables: debuggerEnables() });
  }

  shutdown(options: ShutdownOptions = {}): Promise<ShutdownReport> {
    checkOptions(options, SHUTDOWN_CHECKS, `${this.#kind.owner}.shutdown`);
    dropped.unregister(this);
    forgetUnclosed(this.#made);
    const { cancelPending = false, timeoutMs = SHUTDOWN_MS } = options;
    // The first call's limit is that of all.
    this.#shutdownMs ??= timeoutMs;
    const report = this.#dispatcher.shutdown({ cancelPending, timeoutMs });
    return this.#shutdownMs === Infinity ? this.#waits.promise(report, "shutdown()", "all") : report;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown({ timeoutMs: Infinity });
  }

  /** With what goes along with it. */
  #accompany(task: Task<unknown>): Task<unknown> {
    if (this.#context === undefined) return task;
    keepStores(task, storesNow(this.#context));
    if (this.#context.includes(TRACEPARENT)) traceTask(task, this.name);
    return task;
  }

  #newTask(fn: AnyFunction, args: unknown[], options: CallOptions): Task<unknown> {
    let handle: FunctionHandle;
    let refusal: unknown;
    if (options.signal?.aborted !== true) this.#dispatcher.open(1);
    try {
      handle = this.#kind.resolve(fn, options.travel);
    } catch (error) {
      // It cannot travel. The executor never has it, so it is not in its statistics.
      refusal = error instanceof NotInstalled ? new BrokenExecutorError(this.name, error) : error;
      handle = resolveHere(fn);
    }
    const task = new Task<unknown>(this.#dispatcher, handle, args, options);
    if (debugMode.isOn) {
      noteSubmitted(task, this.submit);
      warnOfLostClasses(args, `task ${task.name}`);
    }
    void this.#accompany(task);
    this.#waits.submitted(task);
    if (refusal === undefined) this.#dispatcher.submit(task);
    else settle(task, "rejected", refusal);
    return task;
  }
}

/** For functions that stay in this realm. */
const handles = new WeakMap<AnyFunction, ReturnType<ResolveFunction>>();

export function resolveHere(fn: AnyFunction): ReturnType<ResolveFunction> {
  const known = handles.get(fn) ?? functionHandle(fn, null);
  handles.set(fn, known);
  return known;
}
