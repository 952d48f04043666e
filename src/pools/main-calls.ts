/**
 * What tasks run on main. A call is answered once: with what its function came to, or when its time is up, whichever is first; one whose worker
 * is gone is forgotten, and what its function comes to is dropped.
 */
import type { StopTimer } from "../core/clock.ts";
import { enterStores, type Stores, storesOf } from "../core/contexts.ts";
import { TaskTimeoutError } from "../core/errors.ts";
import type { CompleteOptions } from "../core/executor-options.ts";
import { exposedFunction } from "../core/exposed.ts";
import { isThenable } from "../core/is-thenable.ts";
import { addReport } from "../core/progress.ts";
import { isOpen, placeOf, type Task } from "../core/task.ts";
import {
  type Content,
  type FromTask,
  type MainAnswer,
  type MainCall,
  packContent,
  packError,
  type Report,
  unpackCall,
  unpackContent,
} from "../wire/main-messages.ts";
import { chainOf, runInChain } from "./call-chain.ts";
import { type CallingWorker, callingWorkers, type Wait } from "./waits.ts";

/** A blocked worker does nothing else meanwhile. */
const SYNC_MS = 30_000;

/** The worker that calls. */
export interface Caller {
  readonly workerId: number;
  readonly sharesMemory: boolean;
  /** One of those that it has. */
  task(id: number): Task<unknown> | undefined;
  answer(answer: MainAnswer): void;
}

interface OpenCall {
  readonly task: Task<unknown> | undefined;
  /** Of its function. */
  readonly waits: Set<Wait>;
  readonly stopTimer: StopTimer | undefined;
}

type Options = Pick<CompleteOptions, "name" | "maxWorkers"> & Required<Pick<CompleteOptions, "clock">>;

/** Of all workers of an executor. */
export class MainCalls {
  readonly options: Options;

  constructor(options: Options) {
    this.options = options;
  }

  of(caller: Caller): CallsOfWorker {
    return new CallsOfWorker(this, caller);
  }
}

export class CallsOfWorker implements CallingWorker {
  readonly pool: MainCalls;
  readonly #caller: Caller;
  readonly #open = new Map<number, OpenCall>();

  constructor(pool: MainCalls, caller: Caller) {
    this.pool = pool;
    this.#caller = caller;
  }

  get workerId(): number {
    return this.#caller.workerId;
  }

  *waits(): Generator<Wait> {
    for (const { task, waits } of this.#open.values()) {
      // One that was killed may not be gone yet, and its task another's.
      if (task !== undefined && isOpen(task) && placeOf(task)?.id === this.workerId) yield* waits;
    }
  }

  handle(message: FromTask): void {
    if (message.type === "main-call") this.#call(message);
    else this.#report(message);
  }

  gone(): void {
    for (const { stopTimer } of this.#open.values()) stopTimer?.();
    this.#open.clear();
    callingWorkers.delete(this);
  }

  #report({ taskId, content }: Report): void {
    const task = this.#caller.task(taskId);
    if (task === undefined || !isOpen(task)) return;
    try {
      addReport(task, unpackContent(content));
    } catch {
      // It is too deep for this thread's stack. The task goes on, with one report less.
    }
  }

  #call(call: MainCall): void {
    const task = this.#caller.task(call.taskId);
    try {
      const { fn, timeoutMs = call.sync ? SYNC_MS : undefined } = exposedFunction(call.name);
      const { args, stores } = unpackCall(call);
      const waits = new Set<Wait>();
      this.#opened(call, { task, waits, stopTimer: this.#limit(call, timeoutMs) });
      const link = {
        calls: this.pool,
        task: task?.name ?? this.pool.options.name,
        runs: call.name,
        isWaiting: () => this.#open.has(call.id) && (task === undefined || isOpen(task)),
        waits,
      };
      const value: unknown = runInChain([...chainOf(task), link], () =>
        enterStores(storesFor(task, stores), () => (fn as (...given: unknown[]) => unknown)(...args)),
      );
      if (!isThenable(value)) return this.#succeeded(call, value);
      void Promise.resolve(value).then(
        (result) => this.#succeeded(call, result),
        (error: unknown) => this.#answer(call, true, packError(error)),
      );
    } catch (error) {
      this.#opened(call, this.#open.get(call.id) ?? { task, waits: new Set(), stopTimer: undefined });
      this.#answer(call, true, packError(error));
    }
  }

  #opened({ id }: MainCall, open: OpenCall): void {
    this.#open.set(id, open);
    callingWorkers.add(this);
  }

  #limit(call: MainCall, timeoutMs: number | undefined): StopTimer | undefined {
    if (timeoutMs === undefined || timeoutMs === Infinity) return undefined;
    const name = `runOnMain(${JSON.stringify(call.name)})`;
    return this.pool.options.clock.after(timeoutMs, () =>
      this.#answer(call, true, packError(new TaskTimeoutError(name, timeoutMs, "running"))),
    );
  }

  #succeeded(call: MainCall, result: unknown): void {
    let content: Content;
    try {
      const { sharesMemory } = this.#caller;
      content = packContent(result, result, { direction: "result", root: "result", sharesMemory });
    } catch (refusal) {
      return this.#answer(call, true, packError(refusal));
    }
    this.#answer(call, false, content);
  }

  #answer({ id, sync }: MainCall, failed: boolean, content: Content): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    open.stopTimer?.();
    this.#open.delete(id);
    if (this.#open.size === 0) callingWorkers.delete(this);
    this.#caller.answer({ type: "main-answer", id, sync, failed, content });
  }
}

/** Those of the task itself where the worker has not entered others. */
function storesFor(task: Task<unknown> | undefined, changed: Stores | undefined): Stores {
  return { ...(task && storesOf(task)), ...changed };
}
