/**
 * Results one after the other, as whoever reads them asks for them.
 */
import type { Readable } from "node:stream";

/** What a function gives that can be streamed. */
export type StreamedFrom<Y> = Iterable<Y> | AsyncIterable<Y> | PromiseLike<Iterable<Y> | AsyncIterable<Y>>;

/** What `map` and `stream` give. Read it with `for await`; leaving the loop ends the work. It can be read once. */
export interface TaskStream<Y> extends AsyncIterableIterator<Y, undefined>, AsyncDisposable {
  next(): Promise<IteratorResult<Y, undefined>>;
  /**
   * Ends the work, as leaving a `for await` loop does. Of a stream it resolves when the function's `finally` has run in the worker, and
   * rejects with what that throws.
   */
  return(): Promise<IteratorResult<Y, undefined>>;
  /**
   * Ends the work. Whoever reads on gets `reason`, or the platform's `AbortError` when none is given. What is ready and was not
   * read is dropped.
   */
  cancel(reason?: unknown): void;
  /** The same for `node:stream`, in object mode. It is read through that from then on. */
  toReadable(): Readable;
}
