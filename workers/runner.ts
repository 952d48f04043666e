/**
 * Runs calls, one after the other, in a thread or a process alike. What differs between them, how messages come and go, is
 * the {@link Channel}'s.
 *
 * Guarantees: every received call is answered exactly once, unless main took it back or the worker dies; no result waits in here
 * for a call that may be ended, that loads its function or that waits for something; nothing that a function returns or throws
 * ends the worker.
 */
import { monotonicNow } from "../src/core/clock.ts";
import type { AnyFunction } from "../src/core/function-handle.ts";
import { scopes, TaskScope } from "../src/core/current-task.ts";
import { isThenable } from "../src/core/is-thenable.ts";
import { type DecodeContext, decodeError, encodeError } from "../src/wire/error-codec.ts";
import { CallReader } from "../src/wire/frames.ts";
import type { Calls, StartPart, ToWorker, WholeCall } from "../src/wire/messages.ts";
import { enterStores } from "../src/core/contexts.ts";
import { toMain } from "../src/core/to-main.ts";
import { MainClient } from "../src/wire/main-client.ts";
import { failed, notLoaded, type Outcome, succeeded } from "../src/wire/results.ts";
import { unpackValues } from "../src/wire/values.ts";
import type { Words } from "../src/wire/words.ts";
import type { Channel } from "./channel.ts";
import { KnownFunctions, type Missing } from "./known-functions.ts";
import type { MemoryGauge } from "./memory-gauge.ts";
import { Outbox } from "./outbox.ts";

// Taken at load: a task may replace the global.
const { queueMicrotask } = globalThis;

type Ready = { readonly name: string; readonly fn: AnyFunction };

export class Runner {
  readonly #channel: Channel;
  readonly #words: Words;
  readonly #gauge: MemoryGauge | undefined;
  readonly #outbox: Outbox;
  readonly #functions = new KnownFunctions();
  readonly #main: MainClient;
  /** When the call before ended, if the next one begins right then. One look at the clock serves both. */
  #lastEndedAt: number | undefined;
  #running: TaskScope | undefined;
  #finalizer: WholeCall | undefined;
  #prepared: { readonly nice: number | undefined } | undefined;
  #isInitialized = false;

  constructor(channel: Channel, words: Words, gauge: MemoryGauge | undefined) {
    this.#channel = channel;
    this.#words = words;
    this.#gauge = gauge;
    this.#outbox = new Outbox(
      (message, transfer) => channel.post(message, transfer),
      words,
      channel.longestMs,
    );
    toMain.here = this.#main = new MainClient({
      sharesMemory: channel.sharesMemory,
      post: (message) => channel.post(message),
      ask: (call) => {
        this.#outbox.flush();
        return channel.ask(call);
      },
    });
    // Also of a task that ends its thread or process, and after an uncaught error.
    process.on("exit", () => this.#outbox.flush());
  }

  /** A promise when the message takes longer than this turn. Messages that are not {@link isUrgent} must wait for it. */
  handle(message: ToWorker): void | Promise<void> {
    if (!("type" in message)) return this.#runFrame(message);
    switch (message.type) {
      case "start":
        return this.#start(message);
      case "define":
        return this.#functions.define(message.functions);
      case "stop":
        if (this.#running?.id === message.taskId) this.#running.abort(decodeError(message.reason, MAIN));
        return undefined;
      case "main-answer":
        return this.#main.answered(message);
      case "finish":
        return this.#finish();
    }
  }

  async #start({ initializer, finalizer }: Extract<ToWorker, { type: "start" }>): Promise<void> {
    try {
      this.#prepared ??= { nice: await this.#channel.prepare() };
      if (initializer !== undefined && !this.#isInitialized) {
        if (!(await this.#hasLoaded("initializer", initializer))) return;
        await this.#runWhole(initializer);
      }
      this.#isInitialized = true;
      // Now, while there still is another way for what is not found, and not before what the initializer may prepare for it.
      if (finalizer !== undefined && !(await this.#hasLoaded("finalizer", finalizer))) return;
      this.#finalizer = finalizer;
      this.#channel.post({ type: "ready", nice: this.#prepared.nice });
    } catch (error) {
      this.#channel.post({ type: "start-failed", error: encodeError(error) });
    }
  }

  async #hasLoaded(part: StartPart, { functions }: WholeCall): Promise<boolean> {
    this.#functions.define(functions);
    const missing = await this.#functions.missing(functions.map(({ id }) => id));
    if (missing === undefined) return true;
    const { id: functionId, cause, module } = missing;
    this.#channel.post({
      type: "start-failed",
      error: encodeError(cause),
      notLoaded: { part, functionId, module },
    });
    return false;
  }

  async #finish(): Promise<void> {
    try {
      if (this.#finalizer !== undefined) await this.#runWhole(this.#finalizer);
      await this.#channel.flush();
      this.#channel.post({ type: "finished" });
    } catch (error) {
      this.#channel.post({ type: "finished", error: encodeError(error) });
    }
    this.#channel.finished();
  }

  async #runWhole({ functionId, args, marks }: WholeCall): Promise<void> {
    const fn = this.#functions.loaded(functionId) as (...args: unknown[]) => unknown;
    await fn(...unpackValues([...args], marks, (id) => this.#functions.loaded(id)));
  }

  #runFrame(calls: Calls): void | Promise<void> {
    const frame = new CallReader(calls);
    this.#lastEndedAt = undefined;
    return this.#runOn(frame);
  }

  #runOn(frame: CallReader): void | Promise<void> {
    while (frame.next()) {
      const running = this.#runCall(frame);
      if (running !== undefined) return running.then(() => this.#runOn(frame));
    }
    this.#outbox.flush();
    return undefined;
  }

  #runCall(call: CallReader): void | Promise<void> {
    const loaded = this.#functions.get(call.functionId);
    const isLoaded = typeof loaded?.fn === "function" && call.extras?.marks?.functions === undefined;
    if (!isLoaded || call.guarded) {
      this.#outbox.flush();
      this.#lastEndedAt = undefined;
    }
    const leaving = this.#channel.left();
    if (leaving === undefined) return this.#begin(call, isLoaded ? (loaded as Ready) : undefined);
    this.#lastEndedAt = undefined;
    return leaving.then(() => this.#begin(call, isLoaded ? (loaded as Ready) : undefined));
  }

  #begin(call: CallReader, ready: Ready | undefined): void | Promise<void> {
    // Before it is claimed: main sees of a call that has begun whether its function is there.
    if (ready === undefined) this.#words.load(call.taskId);
    const startedAt = this.#lastEndedAt ?? monotonicNow();
    if (!this.#words.claim(call.seq, startedAt)) return this.#functions.forgetOnce(functionIds(call));
    return ready === undefined ? this.#loadThenRun(call, startedAt) : this.#run(call, ready, startedAt);
  }

  async #loadThenRun(call: CallReader, claimedAt: number): Promise<void> {
    const ids = functionIds(call);
    let missing: Missing | undefined;
    try {
      missing = await this.#functions.missing(ids);
    } catch (error) {
      this.#functions.forgetOnce(ids);
      return this.#outbox.add(call.seq, claimedAt, claimedAt, failed(error));
    }
    if (missing !== undefined) {
      this.#functions.forgetOnce(ids);
      const outcome = notLoaded(missing.cause, missing.id, missing.module);
      return this.#outbox.add(call.seq, claimedAt, claimedAt, outcome);
    }
    this.#words.load(0);
    const running = this.#run(call, this.#functions.get(call.functionId) as Ready, monotonicNow());
    this.#functions.forgetOnce(ids);
    return running;
  }

  #run(
    { seq, taskId, args, extras }: CallReader,
    { fn, name }: Ready,
    startedAt: number,
  ): void | Promise<void> {
    const scope = new TaskScope(taskId, extras?.name ?? name, this.#words);
    this.#running = scopes.current = scope;
    const ended = (outcome: Outcome): void => {
      this.#running = scopes.current = undefined;
      const endedAt = (this.#lastEndedAt = monotonicNow());
      this.#gauge?.look(endedAt);
      this.#outbox.add(seq, startedAt, endedAt, outcome);
    };
    try {
      const values =
        extras === undefined ? args : unpackValues(args, extras.marks, (id) => this.#functions.loaded(id));
      const call = fn as (...args: unknown[]) => unknown;
      const stores = (scope.stores = extras?.stores);
      const value = stores === undefined ? call(...values) : enterStores(stores, () => call(...values));
      if (!isThenable(value)) return ended(succeeded(value));
      const settled = Promise.resolve(value).then(
        (result) => ended(succeeded(result)),
        (error: unknown) => ended(failed(error)),
      );
      // Behind the microtask of a promise that has settled already; any other may take its time.
      queueMicrotask(() => {
        if (this.#running === scope) this.#outbox.flush();
      });
      return settled;
    } catch (error) {
      return ended(failed(error));
    }
  }
}

/** For the task that runs now: it must not wait for that. */
export function isUrgent(message: ToWorker): boolean {
  return "type" in message && (message.type === "stop" || message.type === "main-answer");
}

/** The called function's, and those of functions among the arguments. */
function functionIds({ functionId, extras }: CallReader): number[] {
  const marked = extras?.marks?.functions;
  return [functionId, ...(marked?.filter((_, index) => index % 2 === 1) ?? [])];
}

const MAIN: DecodeContext = { where: "offloop (the main thread)", findClass: () => undefined };
