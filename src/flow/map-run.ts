/**
 * A `map` while it runs: items become calls, calls become outcomes, outcomes go to the {@link Reader}.
 *
 * | state     | what happened                                        | next             |
 * | --------- | ---------------------------------------------------- | ---------------- |
 * | idle      | nobody has read yet                                  | taking, over     |
 * | taking    | items are taken while there is room                  | finishing, over  |
 * | finishing | no more items: all are taken, or one of them failed  | over             |
 * | over      | the reader has its end                               | -                |
 *
 * Every call settles, so every slot gets its outcomes; a reader that waits for the items themselves waits as long as these do,
 * or until somebody cancels.
 */
import type { Executor } from "../core/executor.ts";
import type { AnyFunction } from "../core/function-handle.ts";
import { onAbort } from "../core/on-abort.ts";
import { Queue } from "../core/queue.ts";
import type { Task } from "../core/task.ts";
import { callOnEach, type Outcome, readOutcomes } from "./chunk.ts";
import { Lookahead } from "./lookahead.ts";
import type { SplitOptions } from "../core/map-options.ts";
import { Reader } from "./reader.ts";
import { Slot, type SlotEvents } from "./slot.ts";
import type { Source } from "./source.ts";

// Looking at a task's timing costs more than sending it.
const LEARN_FROM_EACH = 8;

export class MapRun {
  readonly reader = new Reader<unknown>(() => this.#wasRead());
  readonly #executor: Executor;
  readonly #fn: AnyFunction;
  readonly #source: Source<unknown>;
  readonly #options: SplitOptions;
  readonly #lookahead: Lookahead;
  readonly #slots = new Queue<Slot>((slot, ticket) => (slot.ticket = ticket));
  #state: "idle" | "taking" | "finishing" | "over" = "idle";
  /** Taken, and not sent yet. */
  #chunk: unknown[] = [];
  #awaitsItem = false;
  #calls = 0;
  /** Items that were taken, and whose outcomes nobody has read. */
  #held = 0;
  #done = 0;
  #settledCalls = 0;
  /** Of the items themselves. */
  #failure: { readonly error: unknown } | undefined;
  #stopListening = (): void => {};
  /** Ends what waits for room in the executor. */
  readonly #over = new AbortController();
  readonly #events: SlotEvents = {
    fulfilled: (slot, result) => this.#settled(slot, () => this.#read(result)),
    rejected: (slot, error) =>
      this.#settled(slot, ({ items }) => items.map(() => ({ kind: "error", error }))),
  };

  constructor(executor: Executor, fn: AnyFunction, source: Source<unknown>, options: SplitOptions) {
    this.#executor = executor;
    this.#fn = fn;
    this.#source = source;
    this.#options = options;
    this.#lookahead = new Lookahead(executor.statistics().maxWorkers);
  }

  /** With the first read. */
  start(): void {
    if (this.#state !== "idle") return;
    this.#state = "taking";
    const { signal } = this.#options;
    if (signal?.aborted === true) return this.cancel(signal.reason);
    if (signal !== undefined) this.#stopListening = onAbort(signal, () => this.cancel(signal.reason));
    this.#take();
  }

  /** What is ready is dropped. */
  cancel(reason: unknown): void {
    this.reader.abort(reason);
    this.#end();
  }

  close(): void {
    this.reader.close();
    this.#end();
  }

  #wasRead(): void {
    this.#held--;
    this.#take();
  }

  get #hasRoom(): boolean {
    const { chunkSize = 1, concurrency = this.#lookahead.calls } = this.#options;
    return this.#calls < concurrency && this.#held < 2 * concurrency * chunkSize;
  }

  #take(): void {
    if (this.#awaitsItem) return;
    try {
      while (this.#state === "taking" && this.#hasRoom) {
        const taken = this.#source.next();
        if (taken instanceof Promise) return this.#await(taken);
        this.#took(taken);
      }
    } catch (error) {
      this.#sourceFailed(error);
    }
  }

  #await(taking: Promise<IteratorResult<unknown, unknown>>): void {
    this.#awaitsItem = true;
    const then = (go: () => void): void => {
      this.#awaitsItem = false;
      if (this.#state !== "taking") return;
      go();
      this.#take();
    };
    taking.then(
      (taken) => then(() => this.#took(taken)),
      (error: unknown) => then(() => this.#sourceFailed(error)),
    );
  }

  #took({ done = false, value }: IteratorResult<unknown, unknown>): void {
    if (done) return this.#finish();
    this.#held++;
    this.#chunk.push(value);
    if (this.#chunk.length === (this.#options.chunkSize ?? 1)) this.#send();
  }

  #sourceFailed(error: unknown): void {
    this.#failure = { error };
    this.#finish();
  }

  /** No more items. */
  #finish(): void {
    this.#state = "finishing";
    if (this.#chunk.length > 0) this.#send();
    this.#endIfDone();
  }

  #send(): void {
    const slot = new Slot(this.#executor, this.#chunk, (items) => this.#submit(items));
    this.#chunk = [];
    slot.ticket = this.#slots.push(slot);
    this.#calls++;
    slot.follow(this.#events, this.#over.signal);
  }

  #submit(items: unknown[]): Task<unknown> {
    const { call, chunkSize, collects } = this.#options;
    if (chunkSize === undefined) return this.#executor.submit(this.#fn, items as never[], call);
    const options = call.name === undefined && this.#fn.name !== "" ? { ...call, name: this.#fn.name } : call;
    return this.#executor.submit(callOnEach, [this.#fn as never, !collects, ...items], options);
  }

  #read(result: unknown): readonly Outcome[] {
    if (this.#options.chunkSize === undefined) return [{ kind: "value", value: result }];
    return readOutcomes(result as never, this.#fn, `offloop (${this.#executor.name})`);
  }

  #settled(slot: Slot, read: (slot: Slot) => readonly Outcome[]): void {
    if (this.#state === "over") return;
    this.#calls--;
    if (this.#settledCalls++ % LEARN_FROM_EACH === 0) this.#lookahead.ran(slot.runMs ?? Infinity);
    slot.outcomes = read(slot);
    if (!this.#tellProgress(slot.items.length)) return;
    if (!this.#options.collects && slot.outcomes.some(({ kind }) => kind === "error")) this.#stopAfter(slot);
    this.#deliver(slot);
    this.#take();
    this.#endIfDone();
  }

  /** False when that has ended it. */
  #tellProgress(items: number): boolean {
    const { total } = this.#source;
    try {
      for (let left = items; left > 0; left--) {
        this.#options.onProgress?.({ done: ++this.#done, ...(total !== undefined && { total }) });
      }
      return true;
    } catch (error) {
      this.#end({ error });
      return false;
    }
  }

  /** What comes after it will not be read. */
  #stopAfter(failed: Slot): void {
    this.#state = "finishing";
    this.#chunk = [];
    this.#source.close();
    for (const slot of this.#slots.toArray()) if (slot.ticket > failed.ticket) slot.cancel();
  }

  #deliver(settled: Slot): void {
    if (!this.#options.ordered) {
      this.#slots.remove(settled.ticket, settled);
      return this.#push(settled.outcomes!);
    }
    for (let first = this.#slots.peek(); first?.outcomes !== undefined; first = this.#slots.peek()) {
      this.#slots.shift();
      this.#push(first.outcomes);
    }
  }

  #push(outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) {
      if (this.#options.collects) this.reader.push(asSettled(outcome));
      else if (outcome.kind === "value") this.reader.push(outcome.value);
      else return this.#end({ error: outcome.error });
    }
  }

  #endIfDone(): void {
    if (this.#state === "finishing" && this.#slots.size === 0) this.#end(this.#failure);
  }

  #end(failure?: { readonly error: unknown }): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#stopListening();
    this.#source.close();
    this.reader.end(failure);
    for (const slot of this.#slots.toArray()) slot.cancel();
    this.#over.abort();
  }
}

function asSettled(outcome: Outcome): PromiseSettledResult<unknown> {
  return outcome.kind === "value"
    ? { status: "fulfilled", value: outcome.value }
    : { status: "rejected", reason: outcome.error };
}
