/**
 * A stream while it runs: turns become items, items go to the {@link Reader}.
 *
 * | state   | what happened                                       | next                |
 * | ------- | --------------------------------------------------- | ------------------- |
 * | idle    | nobody has read yet                                 | waiting, over       |
 * | waiting | the first turn has not ended                        | open, leaving, over |
 * | open    | turns are asked for while there is room             | leaving, over       |
 * | leaving | nobody reads any more; the function comes to its end | over                |
 * | over    | settled                                             | -                   |
 *
 * Every turn settles, and a worker that ends while no turn is under way is told, so each stream comes to an end that somebody reads, or
 * rests until somebody reads on.
 */
import { abortError } from "../core/is-abort.ts";
import { ExecutorClosedError, QueueFullError, TaskTimeoutError, WorkerLostError } from "../core/errors.ts";
import type { CallOptions } from "../core/call-options.ts";
import type { Stores } from "../core/contexts.ts";
import type { AnyFunction, FunctionHandle } from "../core/function-handle.ts";
import { onAbort } from "../core/on-abort.ts";
import type { StreamHost, StreamWaits, StreamWork } from "../core/stream-turns.ts";
import type { Task } from "../core/task.ts";
import { itemError, readItems, type SentItems } from "./items.ts";
import { Reader } from "./reader.ts";
import { forgetHere, lastTurn, nextTurn, openTurn } from "./turns.ts";

export interface StreamParts {
  readonly host: StreamHost;
  readonly resolve: (fn: AnyFunction) => FunctionHandle;
  readonly fn: AnyFunction;
  /** That were in force where it was made. */
  readonly stores: Stores | undefined;
  readonly waits: StreamWaits;
  readonly args: readonly unknown[];
  readonly window: number;
  readonly signal: AbortSignal | undefined;
  readonly call: CallOptions;
}

export class StreamRun {
  readonly reader = new Reader<unknown>(() => this.#wasRead());
  /** Who waits for the next item must not be collected meanwhile. */
  holder: object | undefined;
  readonly #parts: StreamParts;
  #state: "idle" | "waiting" | "open" | "leaving" | "over" = "idle";
  #work: StreamWork | undefined;
  #turn: Task<unknown> | undefined;
  /** Items that are here, and that nobody has read. */
  #held = 0;
  #isFull = false;
  /** Its function has come to its end. */
  #left: Promise<void> | undefined;
  /** For what the function does in the end. */
  #last: Task<unknown> | undefined;
  #stopListening = (): void => {};
  /** Ends what waits for room in the executor. */
  readonly #over = new AbortController();

  constructor(parts: StreamParts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.call.name ?? (this.#parts.fn.name || "(anonymous)");
  }

  get isOver(): boolean {
    return this.#state === "over" || this.#state === "leaving";
  }

  /** With the first read. */
  start(): void {
    if (this.#state !== "idle") return;
    const { host, fn, stores, waits, call, signal } = this.#parts;
    if (signal?.aborted === true) return this.cancel(signal.reason);
    if (signal !== undefined) this.#stopListening = onAbort(signal, () => this.cancel(signal.reason));
    this.#state = "waiting";
    this.#work = host.open(
      {
        fn,
        name: this.name,
        stores,
        accompany: waits.accompanying(),
        submitted: (turn) => waits.submitted(turn),
        options: call,
      },
      {
        lost: (error) => this.#failed(error),
        cancelled: (reason) => this.cancel(reason),
      },
    );
    this.#begin();
  }

  /** `next` waits for an item that is not here. */
  isRead(next: Promise<unknown>, holder: object): void {
    this.holder = holder;
    this.#parts.waits.reading(
      next,
      this.name,
      () => this.#turn,
      (error) => this.cancel(error),
    );
  }

  /** What is ready is dropped. */
  cancel(reason: unknown): void {
    this.#stop(() => this.reader.abort(reason), reason);
  }

  /** Resolves when the function has come to its end. @throws what it throws there */
  async close(): Promise<void> {
    this.reader.close();
    this.#stop(() => {}, abortError());
    if (this.#left === undefined) return;
    await this.#parts.waits.leaving(this.#left, `${this.name}.return()`, () => this.#last);
  }

  #begin(): void {
    const { resolve, args, fn, window } = this.#parts;
    const work = this.#work!;
    try {
      const handle = resolve(openTurn);
      this.#follow(work.begin(handle, [...args, fn, work.id, window]));
    } catch (error) {
      this.#failed(error);
    }
  }

  #follow(turn: Task<unknown>): void {
    this.#turn = turn;
    turn.then(
      (sent) => this.#turned(turn, sent as SentItems),
      (error: unknown) => this.#refused(turn, error),
    );
  }

  #turned(turn: Task<unknown>, sent: SentItems): void {
    if (this.#turn !== turn) return;
    this.#turn = undefined;
    if (this.#state === "waiting") this.#state = "open";
    const items = readItems(sent);
    this.#held += items.length;
    // Before they are read: whoever reads may leave.
    const isDone = sent[0];
    if (isDone) this.#end("fulfilled");
    for (const item of items) this.reader.push(item);
    if (isDone) this.reader.end();
    else this.#goOn();
    if (!this.reader.isAwaited) this.holder = undefined;
  }

  #refused(turn: Task<unknown>, error: unknown): void {
    if (this.#turn !== turn) return;
    this.#turn = undefined;
    // A function's own error may be one, too.
    const isFull = error instanceof QueueFullError && turn.timing.startedAt === undefined;
    if (this.#state !== "waiting" || !isFull) return this.#failed(itemError(error));
    this.#parts.waits.room(this.#work!.waitForCapacity(this.#over.signal)).then(
      () => {
        if (this.#state === "waiting") this.#begin();
      },
      (refusal: unknown) => {
        if (this.#state === "waiting") this.#failed(refusal);
      },
    );
  }

  /** After what is here. */
  #failed(error: unknown): void {
    this.#turn = undefined;
    this.#end(error instanceof ExecutorClosedError ? "cancelled" : "rejected", error);
    this.reader.end({ error });
  }

  #wasRead(): void {
    this.#held--;
    this.#work?.wasRead();
    this.#goOn();
  }

  /** Until the window is full, and again when half of it was read: a turn for each item would cost more than the item. */
  #goOn(): void {
    if (this.#state !== "open" || this.#turn !== undefined) return;
    const { window, resolve } = this.#parts;
    const room = window - this.#held;
    if (room === 0) this.#isFull = true;
    if (room === 0 || (this.#isFull && room * 2 < window)) return;
    this.#isFull = false;
    this.#follow(this.#work!.resume(resolve(nextTurn), [this.#work!.id, room]));
  }

  #stop(tell: () => void, reason: unknown): void {
    const state = this.#state;
    if (state === "leaving") return;
    if (state === "idle" || state === "over") {
      this.#state = "over";
      return tell();
    }
    this.#state = "leaving";
    this.#turn = undefined;
    tell();
    this.#over.abort();
    const work = this.#work!;
    const last = (this.#last = work.leave(this.#parts.resolve(lastTurn), [work.id], reason));
    const left = Promise.resolve(last).then(
      () => this.#end("cancelled", reason),
      (error: unknown) => {
        this.#end("cancelled", reason);
        // Ended because it was left: whoever left knows.
        if (!(error instanceof TaskTimeoutError) && !(error instanceof WorkerLostError)) throw error;
      },
    );
    // Only `return()` waits for it.
    left.catch(() => {});
    if (this.#parts.call.onCancel !== "abandon") this.#left = left;
  }

  #end(state: "fulfilled" | "rejected" | "cancelled", reason?: unknown): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.holder = undefined;
    this.#stopListening();
    if (this.#work === undefined) return;
    this.#work.settle(state, reason);
    forgetHere(this.#work.id);
  }
}
