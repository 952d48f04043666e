/**
 * What all streams have that do not depend on where their items come from.
 */
import { Readable } from "node:stream";
import { abortError } from "../core/is-abort.ts";
import type { TaskStream } from "../core/task-stream.ts";

export abstract class ItemStream implements TaskStream<unknown> {
  abstract next(): Promise<IteratorResult<unknown, undefined>>;

  abstract return(): Promise<IteratorResult<unknown, undefined>>;

  protected abstract end(reason: unknown): void;

  /** As of a generator that does not catch it: what was thrown into it is not told to the function. */
  async throw(error: unknown): Promise<never> {
    await this.return();
    throw error;
  }

  cancel(reason?: unknown): void {
    this.end(reason ?? abortError());
  }

  toReadable(): Readable {
    return Readable.from(this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
