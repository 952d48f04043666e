/**
 * The items of a `map`, sync or async, taken one after the other. One that is not taken to its end is closed.
 */
import { inspect, types } from "node:util";
import { Task } from "../core/task.ts";
import { reportUnseen } from "../core/unseen-error.ts";

export type Items<T> = Iterable<T> | AsyncIterable<T>;
type Taken<T> = IteratorResult<T, unknown>;

export class Source<T> {
  /** How many there are, where that is known before. */
  readonly total: number | undefined;
  readonly isAsync: boolean;
  readonly #iterator: Iterator<T> | AsyncIterator<T>;
  #isOver = false;

  /** @throws TypeError for what cannot be iterated. */
  constructor(items: Items<T>, owner: string) {
    const { [Symbol.asyncIterator]: async, [Symbol.iterator]: sync } = (items ?? {}) as AsyncIterable<T> &
      Iterable<T>;
    this.isAsync = typeof async === "function";
    // A task says why it is no stream; here it is an `await` that was forgotten.
    if (items instanceof Task || (!this.isAsync && typeof sync !== "function")) {
      const got = inspect(items, { depth: 0, maxStringLength: 40 });
      throw new TypeError(`${owner}: items must be an iterable or an async iterable, got ${got}`);
    }
    const open = (this.isAsync ? async : sync) as () => Iterator<T> | AsyncIterator<T>;
    this.#iterator = open.call(items);
    this.total = countOf(items);
  }

  /** A promise of it when the items are async. */
  next(): Taken<T> | Promise<Taken<T>> {
    if (this.#isOver) return { done: true, value: undefined };
    try {
      const taken = this.#iterator.next();
      if (this.isAsync) return Promise.resolve(taken).then(this.#took, this.#failed);
      return this.#took(taken as Taken<T>);
    } catch (error) {
      return this.#failed(error);
    }
  }

  readonly #took = (taken: Taken<T>): Taken<T> => {
    if (taken.done === true) this.#isOver = true;
    return taken;
  };

  readonly #failed = (error: unknown): never => {
    this.#isOver = true;
    throw error;
  };

  /** Nothing more is taken. Nobody waits for what it does about that: it may be stuck in an item that never comes. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const unseen = (error: unknown): void => reportUnseen(error, "The items of a map could not be closed");
    try {
      Promise.resolve(this.#iterator.return?.()).catch(unseen);
    } catch (error) {
      unseen(error);
    }
  }
}

function countOf(items: unknown): number | undefined {
  if (Array.isArray(items) || types.isTypedArray(items)) return items.length;
  return types.isSet(items) || types.isMap(items) ? items.size : undefined;
}
