/**
 * Runs calls, one after the other, in a thread or a process alike. What differs between them, how messages come and go, is
 * the {@link Channel}'s.
 *
 * Guarantees: every received call is answered exactly once, unless the worker dies; an answer has left before the next call
 * begins; nothing that a function returns or throws ends the worker.
 */
import { InternalError } from "../src/core/errors.ts";
import type { AnyFunction } from "../src/core/function-handle.ts";
import { scopes, TaskScope } from "../src/core/current-task.ts";
import { type DecodeContext, decodeError, encodeError } from "../src/wire/error-codec.ts";
import { decodeCalls, type ReceivedCall } from "../src/wire/frames.ts";
import type { FromWorker, StartPart, ToWorker, WholeCall } from "../src/wire/messages.ts";
import { failed, instead, notLoaded, type Outcome, succeeded } from "../src/wire/results.ts";
import { unpackValues } from "../src/wire/values.ts";
import type { Words } from "../src/wire/words.ts";
import { KnownFunctions, type Missing } from "./known-functions.ts";

export interface Channel {
  /** @throws what structured clone throws */
  post(message: FromWorker, transfer?: readonly object[]): void;
  /** Before the first import of the user's code. */
  prepare(): number | undefined | Promise<number | undefined>;
  /** What tasks have printed has left. */
  flush(): Promise<void>;
  /** The worker may end now. */
  finished(): void;
}

// Taken at load, as main does: a task may replace the global.
const { performance } = globalThis;

export class Runner {
  readonly #channel: Channel;
  readonly #words: Words;
  readonly #functions = new KnownFunctions();
  #running: TaskScope | undefined;
  #finalizer: WholeCall | undefined;
  #prepared: { readonly nice: number | undefined } | undefined;
  #isInitialized = false;

  constructor(channel: Channel, words: Words) {
    this.#channel = channel;
    this.#words = words;
  }

  /** A promise when the message takes longer than this turn. Messages other than `stop` must wait for it. */
  handle(message: ToWorker): void | Promise<void> {
    switch (message.type) {
      case "start":
        return this.#start(message);
      case "frame":
        this.#functions.define(message.functions);
        return this.#runFrame(message.calls);
      case "stop":
        if (this.#running?.id === message.taskId) this.#running.abort(decodeError(message.reason, MAIN));
        return undefined;
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

  #runFrame(calls: readonly unknown[]): void | Promise<void> {
    const rest = decodeCalls(calls);
    for (const call of rest) {
      const running = this.#runCall(call);
      if (running !== undefined) return this.#runRest(running, rest);
    }
    return undefined;
  }

  async #runRest(first: Promise<void>, rest: Iterable<ReceivedCall>): Promise<void> {
    await first;
    for (const call of rest) await this.#runCall(call);
  }

  #runCall(call: ReceivedCall): void | Promise<void> {
    const loaded = this.#functions.get(call.functionId);
    if (loaded === undefined) {
      const error = new InternalError(`A worker has no definition of function ${call.functionId}`);
      return this.#answer(call.taskId, failed(error), 0);
    }
    const { fn, name } = loaded;
    if (typeof fn !== "function" || (call.extras !== 0 && call.extras.marks?.functions !== undefined)) {
      return this.#loadThenRun(call);
    }
    return this.#run(call, fn, name);
  }

  async #loadThenRun(call: ReceivedCall): Promise<void> {
    this.#words.load(call.taskId);
    const ids = functionIds(call);
    let missing: Missing | undefined;
    try {
      missing = await this.#functions.missing(ids);
    } catch (error) {
      this.#functions.forgetOnce(ids);
      return this.#answer(call.taskId, failed(error), 0);
    }
    if (missing !== undefined) {
      this.#functions.forgetOnce(ids);
      return this.#tell(call.taskId, notLoaded(missing.cause, missing.id, missing.module), 0);
    }
    const { fn, name } = this.#functions.get(call.functionId)!;
    const running = this.#run(call, fn as AnyFunction, name);
    this.#functions.forgetOnce(ids);
    return running;
  }

  #run({ taskId, args, extras }: ReceivedCall, fn: AnyFunction, name: string): void | Promise<void> {
    this.#words.claim(taskId);
    const marks = extras === 0 ? undefined : extras.marks;
    const scope = new TaskScope(taskId, (extras !== 0 && extras.name) || name, this.#words);
    this.#running = scopes.current = scope;
    const startedAt = performance.now();
    const ended = (outcome: Outcome): void => {
      this.#running = scopes.current = undefined;
      this.#answer(taskId, outcome, performance.now() - startedAt);
    };
    try {
      const values = unpackValues(args, marks, (id) => this.#functions.loaded(id));
      const value = (fn as (...args: unknown[]) => unknown)(...values);
      if (!isThenable(value)) return ended(succeeded(value));
      return Promise.resolve(value).then(
        (result) => ended(succeeded(result)),
        (error: unknown) => ended(failed(error)),
      );
    } catch (error) {
      return ended(failed(error));
    }
  }

  #answer(taskId: number, outcome: Outcome, runMs: number): void {
    // Before the result leaves: main, about to kill this worker for a timeout, sees that the task was in time.
    this.#words.send(taskId);
    this.#tell(taskId, outcome, runMs);
  }

  #tell(taskId: number, outcome: Outcome, runMs: number): void {
    try {
      this.#post(taskId, outcome, runMs);
    } catch (refusal) {
      this.#post(taskId, instead(outcome, refusal), runMs);
    }
  }

  #post(taskId: number, { kind, value, transfer }: Outcome, runMs: number): void {
    this.#channel.post({ type: "results", results: [taskId, kind, value, runMs] }, transfer);
  }
}

/** The called function's, and those of functions among the arguments. */
function functionIds({ functionId, extras }: ReceivedCall): number[] {
  const marked = extras === 0 ? undefined : extras.marks?.functions;
  return [functionId, ...(marked?.filter((_, index) => index % 2 === 1) ?? [])];
}

const MAIN: DecodeContext = { where: "offloop (the main thread)", findClass: () => undefined };

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function"
  );
}
