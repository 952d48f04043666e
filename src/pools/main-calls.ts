/**
 * What tasks run on main. A call is answered once: with what its function came to, or when its time is up, whichever is first; one whose worker
 * is gone is forgotten, and what its function comes to is dropped.
 */
import type { StopTimer } from "../core/clock.ts";
import { enterStores, type Stores, storesOf } from "../core/contexts.ts";
import { DeadlockError, TaskTimeoutError } from "../core/errors.ts";
import type { CompleteOptions } from "../core/executor-options.ts";
import { exposedFunction } from "../core/exposed.ts";
import { isThenable } from "../core/is-thenable.ts";
import { onAwaited } from "../core/on-awaited.ts";
import { addReport } from "../core/progress.ts";
import { onSettled } from "../core/settled.ts";
import { isOpen, type Task } from "../core/task.ts";
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
import { type CallChain, chainOf, currentChain, keepChain, runInChain } from "./call-chain.ts";

/** A blocked worker does nothing else meanwhile. */
const SYNC_MS = 30_000;

/** The worker that calls. */
export interface Caller {
  readonly sharesMemory: boolean;
  /** One of those that it has. */
  task(id: number): Task<unknown> | undefined;
  answer(answer: MainAnswer): void;
}

interface OpenCall {
  readonly task: Task<unknown> | undefined;
  /** Tasks that its function waits for. */
  readonly waitsFor: Set<Task<unknown>>;
  readonly stopTimer: StopTimer | undefined;
}

type Options = Pick<CompleteOptions, "name" | "maxWorkers"> & Required<Pick<CompleteOptions, "clock">>;

/** Of the tasks that are submitted. */
interface Owner {
  end(task: Task<unknown>, state: "rejected", reason: unknown): unknown;
}

/** Of all workers of an executor. */
export class MainCalls {
  readonly options: Options;
  readonly #workers = new Set<CallsOfWorker>();

  constructor(options: Options) {
    this.options = options;
  }

  of(caller: Caller): CallsOfWorker {
    const calls = new CallsOfWorker(this, caller, () => void this.#workers.delete(calls));
    this.#workers.add(calls);
    return calls;
  }

  /** Sees that a task is not waited for which cannot begin before the code ends that waits for it. */
  submitted(task: Task<unknown>, owner: Owner): void {
    const chain = currentChain();
    if (chain === undefined) return;
    keepChain(task, chain);
    if (!chain.some(({ calls }) => calls === this)) return;
    onAwaited(task, () => {
      for (const link of chain) if (link.calls === this) link.waitsFor(task);
      if (task.state === "pending" && this.#allWait) {
        owner.end(task, "rejected", this.#deadlock(chain, task.name));
      }
    });
  }

  /** It would wait for the worker that waits. @throws DeadlockError */
  refuseBroadcast(name: string): void {
    const chain = currentChain();
    if (chain?.some(({ calls }) => calls === this) !== true) return;
    throw this.#deadlock(chain, `broadcast(${name})`);
  }

  get #allWait(): boolean {
    const waiting = [...this.#workers].filter((worker) => worker.waits);
    return waiting.length >= this.options.maxWorkers;
  }

  #deadlock(chain: CallChain, last: string): DeadlockError {
    const steps = chain.flatMap((link) => [link.task, `runOnMain(${JSON.stringify(link.runs)})`]);
    return new DeadlockError(this.options.name, [...steps, last]);
  }
}

export class CallsOfWorker {
  readonly #all: MainCalls;
  readonly #caller: Caller;
  readonly #forget: () => void;
  readonly #open = new Map<number, OpenCall>();

  constructor(all: MainCalls, caller: Caller, forget: () => void) {
    this.#all = all;
    this.#caller = caller;
    this.#forget = forget;
  }

  /** Whether a task of it that has not settled waits for main, and main for a task that nobody has begun. */
  get waits(): boolean {
    for (const { task, waitsFor } of this.#open.values()) {
      if (task === undefined || !isOpen(task)) continue;
      for (const { state } of waitsFor) if (state === "pending") return true;
    }
    return false;
  }

  handle(message: FromTask): void {
    if (message.type === "main-call") this.#call(message);
    else this.#report(message);
  }

  gone(): void {
    for (const { stopTimer } of this.#open.values()) stopTimer?.();
    this.#open.clear();
    this.#forget();
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
      const waitsFor = new Set<Task<unknown>>();
      this.#open.set(call.id, { task, waitsFor, stopTimer: this.#limit(call, timeoutMs) });
      const link = {
        calls: this.#all,
        task: task?.name ?? this.#all.options.name,
        runs: call.name,
        isWaiting: () => this.#open.has(call.id) && (task === undefined || isOpen(task)),
        waitsFor: (other: Task<unknown>) => {
          if (waitsFor.has(other)) return;
          waitsFor.add(other);
          onSettled(other, () => waitsFor.delete(other));
        },
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
      this.#open.set(call.id, this.#open.get(call.id) ?? { task, waitsFor: new Set(), stopTimer: undefined });
      this.#answer(call, true, packError(error));
    }
  }

  #limit(call: MainCall, timeoutMs: number | undefined): StopTimer | undefined {
    if (timeoutMs === undefined || timeoutMs === Infinity) return undefined;
    const name = `runOnMain(${JSON.stringify(call.name)})`;
    return this.#all.options.clock.after(timeoutMs, () =>
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
    this.#caller.answer({ type: "main-answer", id, sync, failed, content });
  }
}

/** Those of the task itself where the worker has not entered others. */
function storesFor(task: Task<unknown> | undefined, changed: Stores | undefined): Stores {
  return { ...(task && storesOf(task)), ...changed };
}
