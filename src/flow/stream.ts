/**
 * `executor.stream`.
 */
import type { AnyFunction } from "../core/function-handle.ts";
import { splitStreamOptions, type StreamOptions } from "../core/stream-options.ts";
import type { TaskStream } from "../core/task-stream.ts";
import { warn } from "../core/warn.ts";
import { ItemStream } from "./item-stream.ts";
import { type StreamParts, StreamRun } from "./stream-run.ts";

/** @throws TypeError, RangeError for something that is not a function, arguments that are no array, and bad options. */
export function streamFrom(
  {
    owner,
    ...parts
  }: Pick<StreamParts, "host" | "resolve" | "stores" | "waits"> & { readonly owner: string },
  fn: AnyFunction,
  args: readonly unknown[],
  options: StreamOptions,
): TaskStream<never> {
  const split = checkStream(fn, args, options, owner);
  const run = new StreamRun({ ...parts, fn, args, ...split });
  return new WorkerStream(run) as TaskStream<unknown> as TaskStream<never>;
}

export function checkStream(
  fn: AnyFunction,
  args: readonly unknown[],
  options: StreamOptions,
  owner: string,
): ReturnType<typeof splitStreamOptions> {
  if (typeof fn !== "function") throw new TypeError(`${owner}: fn must be a function, got ${typeof fn}`);
  if (!Array.isArray(args)) throw new TypeError(`${owner}: args must be an array, got ${typeof args}`);
  return splitStreamOptions(options, owner);
}

/** Nobody can read one any more that was collected: its function would rest in its worker for ever. */
const dropped = new FinalizationRegistry<StreamRun>((run) => {
  if (run.isOver) return;
  warn(
    "STREAM_DROPPED",
    `${run.name}: a stream was dropped before its end and without return(). It is ended now.`,
  );
  run.close().catch(() => {});
});

class WorkerStream extends ItemStream {
  readonly #run: StreamRun;

  constructor(run: StreamRun) {
    super();
    this.#run = run;
    dropped.register(this, run);
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    this.#run.start();
    const next = this.#run.reader.next();
    if (this.#run.reader.isAwaited) this.#run.isRead(next, this);
    return next;
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    await this.#run.close();
    return { done: true, value: undefined };
  }

  protected end(reason: unknown): void {
    this.#run.cancel(reason);
  }
}
