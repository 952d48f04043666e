/**
 * `stream` inside of a task: the function is read right here, an item at a time, as whoever reads asks for them. Limits, the window and
 * the executor itself have no meaning here; `signal` and `cancel` are honoured.
 */
import type { AnyFunction } from "../core/function-handle.ts";
import { onAbort } from "../core/on-abort.ts";
import type { TaskStream } from "../core/task-stream.ts";
import { plainFunction } from "../travel/threaded-mark.ts";
import { ItemStream } from "./item-stream.ts";

const DONE = { done: true, value: undefined } as const;

export function streamHere(
  fn: AnyFunction,
  args: readonly unknown[],
  signal: AbortSignal | undefined,
): TaskStream<never> {
  return new StreamHere(fn, args, signal) as TaskStream<unknown> as TaskStream<never>;
}

interface Waiter {
  resolve(result: IteratorResult<unknown, undefined>): void;
  reject(error: unknown): void;
}

/** What a signal holds of a stream: all of it only while somebody waits for an item, or one that is dropped would never be collected. */
interface Listener {
  awaited: StreamHere | undefined;
  stop(): void;
}

const dropped = new FinalizationRegistry<Listener>((listener) => listener.stop());

function listen(stream: StreamHere, signal: AbortSignal): Listener {
  const here = new WeakRef(stream);
  const stop = onAbort(signal, () => here.deref()?.cancel(signal.reason));
  return { awaited: undefined, stop };
}

class StreamHere extends ItemStream {
  readonly #items: AsyncGenerator<unknown, undefined>;
  readonly #signal: AbortSignal | undefined;
  readonly #waiting = new Set<Waiter>();
  #listener: Listener | undefined;
  /** It was cancelled, and nobody was told. */
  #unseen: { readonly reason: unknown } | undefined;
  #isOver = false;
  /** Its function has come to its end. */
  #left: Promise<unknown> | undefined;

  constructor(fn: AnyFunction, args: readonly unknown[], signal: AbortSignal | undefined) {
    super();
    this.#items = itemsOf((plainFunction(fn) ?? fn) as (...args: unknown[]) => unknown, args);
    this.#signal = signal;
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    this.#listen();
    const unseen = this.#unseen;
    this.#unseen = undefined;
    if (unseen !== undefined) throw unseen.reason;
    if (this.#isOver) return DONE;
    // No race with one promise for all items: that would hold each of them for as long as it is there itself.
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      this.#waiting.add(waiter);
      if (this.#listener !== undefined) this.#listener.awaited = this;
      const took = (told: () => void, isLast: boolean): void => {
        if (!this.#waiting.delete(waiter)) return;
        if (this.#waiting.size === 0 && this.#listener !== undefined) this.#listener.awaited = undefined;
        if (isLast) this.#end();
        told();
      };
      this.#items.next().then(
        (result) => took(() => resolve(result), result.done === true),
        (error: unknown) => took(() => reject(error), true),
      );
    });
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    this.#unseen = undefined;
    this.#leave((first) => first?.resolve(DONE));
    await this.#left;
    return DONE;
  }

  protected end(reason: unknown): void {
    this.#leave((first) => {
      if (first === undefined) this.#unseen = { reason };
      else first.reject(reason);
    });
  }

  /** Who waits is told at once: the function may be waiting for something that never comes. */
  #leave(tell: (first: Waiter | undefined) => void): void {
    if (this.#isOver) return;
    this.#end();
    const [first, ...others] = this.#waiting;
    this.#waiting.clear();
    tell(first);
    for (const { resolve } of others) resolve(DONE);
    this.#left = this.#items.return(undefined);
    // Only `return()` waits for it.
    this.#left.catch(() => {});
  }

  #listen(): void {
    const signal = this.#signal;
    if (signal === undefined || this.#isOver || this.#listener !== undefined) return;
    if (signal.aborted) return this.cancel(signal.reason);
    this.#listener = listen(this, signal);
    dropped.register(this, this.#listener);
  }

  #end(): void {
    this.#isOver = true;
    if (this.#listener === undefined) return;
    this.#listener.awaited = undefined;
    this.#listener.stop();
  }
}

async function* itemsOf(
  fn: (...args: unknown[]) => unknown,
  args: readonly unknown[],
): AsyncGenerator<unknown, undefined> {
  const made = await fn(...args);
  for await (const item of made as AsyncIterable<unknown>) yield item;
  return undefined;
}
