/**
 * No worker at all: calls run on this thread, for tests and for debugging. Everything a caller can see is as with threads:
 * a call starts later (`setImmediate`), one at a time, on copies of its arguments; results, errors and `currentTask()` take
 * the same way. What cannot be had on one's own thread: a running call cannot be ended, so a synchronous one overruns its
 * time limit.
 */
import { abortError } from "../core/is-abort.ts";
import { AsyncLocalStorage } from "node:async_hooks";
import os from "node:os";
import { monotonicNow } from "../core/clock.ts";
import { enterStores, type Stores, storesOf } from "../core/contexts.ts";
import { scopes, TaskScope } from "../core/current-task.ts";
import type { AnyFunction } from "../core/function-handle.ts";
import type { Task } from "../core/task.ts";
import type { WorkerDriver, WorkerEvents, WorkerLink } from "../dispatch/worker-link.ts";
import { RESULTS } from "../wire/messages.ts";
import { failed, instead, type Outcome, succeeded } from "../wire/results.ts";
import type { MainClient } from "../wire/main-client.ts";
import { packValues, unpackValues } from "../wire/values.ts";
import { SharedWords } from "../wire/words.ts";
import { inlineMain } from "./inline-main.ts";
import { warnOfFinalizer } from "./deliver.ts";
import type { CallsOfWorker } from "./main-calls.ts";
import type { WorkerSetup } from "./worker-setup.ts";

const { setImmediate } = globalThis;

export function inlineDriver(setup: WorkerSetup): WorkerDriver {
  return {
    kind: "inline",
    // Calls that ran one right after the other would hold up the loop together.
    mostInFlight: 1,
    start: (id, events) => new InlineLink(id, setup, events),
  };
}

/** A call that was sent: copies of what it brings along. */
interface Sent {
  readonly task: Task<unknown>;
  readonly args: unknown[];
  readonly stores: Stores | undefined;
}

class InlineLink implements WorkerLink {
  readonly #calls: CallsOfWorker;
  readonly #main: MainClient;
  readonly threadId = undefined;
  readonly pid = process.pid;
  readonly words = new SharedWords();
  readonly isCongested = false;
  readonly #events: WorkerEvents;
  readonly #finalizer: AnyFunction | undefined;
  #running: TaskScope | undefined;

  constructor(id: number, setup: WorkerSetup, events: WorkerEvents) {
    const { initializer, initializerArgs, finalizer, mainCalls } = setup;
    this.#events = events;
    ({ calls: this.#calls, client: this.#main } = inlineMain(id, mainCalls, events));
    this.#finalizer = finalizer?.fn;
    setImmediate(() => void this.#start(initializer?.fn, initializerArgs));
  }

  /** Copies now, as the others do, so that what cannot be copied throws here. */
  send(tasks: readonly Task<unknown>[], first: number): void {
    const sent = tasks.map((task) => ({
      task,
      args: copyArguments(task.args),
      stores: structuredClone(storesOf(task)),
    }));
    setImmediate(() => void this.#runAll(sent, first));
  }

  stop(taskId: number, reason: unknown): void {
    this.words.requestStop(taskId);
    if (this.#running?.id === taskId) this.#running.abort(reason);
  }

  drain(): void {}

  finish(): void {
    void (async () => {
      try {
        await this.#finalizer?.();
      } catch (error) {
        warnOfFinalizer(error, "offloop (inline)");
      }
      this.#calls.gone();
      this.#events.gone({ exitCode: 0, signal: null, oom: false });
    })();
  }

  kill(): boolean {
    return false;
  }

  async #start(initializer: AnyFunction | undefined, args: readonly unknown[]): Promise<void> {
    try {
      await (initializer as ((...args: unknown[]) => unknown) | undefined)?.(...copyArguments(args));
      this.#events.ready(os.getPriority());
    } catch (error) {
      this.#events.startFailed(error);
    }
  }

  async #runAll(calls: readonly Sent[], first: number): Promise<void> {
    for (const [index, call] of calls.entries()) await this.#run(call, (first + index) | 0);
  }

  async #run({ task, args, stores }: Sent, seq: number): Promise<void> {
    const startedAt = monotonicNow();
    if (!this.words.claim(seq, startedAt)) return;
    this.#running = new TaskScope(task.id, task.name, this.words, this.#main);
    this.#running.stores = stores;
    scopes.storage ??= new AsyncLocalStorage();
    let outcome: Outcome;
    try {
      if (this.words.stopRequested(task.id)) {
        throw abortError();
      }
      const fn = task.handle.fn as (...args: unknown[]) => unknown;
      const call = stores === undefined ? () => fn(...args) : () => enterStores(stores, () => fn(...args));
      outcome = succeeded(await scopes.storage.run(this.#running, call));
    } catch (error) {
      outcome = failed(error);
    }
    const runMs = monotonicNow() - startedAt;
    this.#running = undefined;
    this.words.leave((seq + 1) | 0);
    const { kind, value } = copyOutcome(outcome);
    this.#events.results([RESULTS, seq, startedAt, kind, value, runMs]);
  }
}

function copyArguments(args: readonly unknown[]): unknown[] {
  const functions: AnyFunction[] = [];
  const { values, marks, transfer = [] } = packValues(args, (fn) => functions.push(fn) - 1);
  const copies = structuredClone(values, { transfer: transfer as never }) as unknown[];
  return unpackValues(copies, marks, (index) => functions[index]);
}

function copyOutcome(outcome: Outcome): Outcome {
  try {
    return {
      ...outcome,
      value: structuredClone(outcome.value, { transfer: (outcome.transfer ?? []) as never }),
    };
  } catch (refusal) {
    return copyOutcome(instead(outcome, refusal));
  }
}
