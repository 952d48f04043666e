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

class StreamHere extends ItemStream {
  readonly #items: AsyncGenerator<unknown, undefined>;
  readonly #signal: AbortSignal | undefined;
  /** How those who wait for an item are told that there will be none. */
  readonly #waiting = new Set<(reason: unknown) => void>();
  #stopListening: (() => void) | undefined;
  /** It was cancelled, and nobody was told. */
  #reason: { readonly reason: unknown } | undefined;
  #isOver = false;

  constructor(fn: AnyFunction, args: readonly unknown[], signal: AbortSignal | undefined) {
    super();
    this.#items = itemsOf((plainFunction(fn) ?? fn) as (...args: unknown[]) => unknown, args);
    this.#signal = signal;
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    const signal = this.#signal;
    if (this.#stopListening === undefined && signal !== undefined) {
      if (signal.aborted) this.cancel(signal.reason);
      this.#stopListening = onAbort(signal, () => this.cancel(signal.reason));
    }
    if (this.#isOver) {
      const told = this.#reason;
      this.#reason = undefined;
      if (told !== undefined) throw told.reason;
      return DONE;
    }
    try {
      const result = await this.#orCancelled(this.#items.next());
      if (result.done === true) this.#end();
      return result;
    } catch (error) {
      this.#end();
      this.#reason = undefined;
      throw error;
    }
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    this.#end();
    this.#reason = undefined;
    await this.#items.return(undefined);
    return DONE;
  }

  protected end(reason: unknown): void {
    if (this.#isOver) return;
    this.#end();
    this.#reason = { reason };
    for (const reject of this.#waiting) reject(reason);
    // What it throws in the end has nobody to go to.
    this.#items.return(undefined).catch(() => {});
  }

  /** No race with one promise for all items: that would hold each of them for as long as it is there itself. */
  #orCancelled<T>(next: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.add(reject);
      const forget = (): void => void this.#waiting.delete(reject);
      next.then(resolve, reject).then(forget, forget);
    });
  }

  #end(): void {
    this.#isOver = true;
    this.#stopListening?.();
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
