/**
 * `executor.map`.
 */
import type { Executor } from "../core/executor.ts";
import type { AnyFunction } from "../core/function-handle.ts";
import { isGeneratorFunction } from "../core/generator-function.ts";
import { type MapOptions, splitOptions } from "../core/map-options.ts";
import { ItemStream } from "./item-stream.ts";
import { MapRun } from "./map-run.ts";
import { type Items, Source } from "./source.ts";
import { plainFunction } from "../travel/threaded-mark.ts";
import type { TaskStream } from "../core/task-stream.ts";

/** @throws TypeError, RangeError for something that is not a function, items that cannot be iterated, and bad options. */
export function mapOver(
  { executor, owner }: { executor: Executor; owner: string },
  fn: AnyFunction,
  items: Items<unknown>,
  options: MapOptions,
): TaskStream<never> {
  if (typeof fn !== "function") throw new TypeError(`${owner}: fn must be a function, got ${typeof fn}`);
  if (isGeneratorFunction(plainFunction(fn) ?? fn)) {
    throw new TypeError(
      `${owner}: fn must give one result for each item, but ${fn.name || "it"} is a generator function. ` +
        "Return a list, or read a stream of it for each item.",
    );
  }
  const split = splitOptions(options, owner);
  const run = new MapRun(executor, fn, new Source(items, owner), split);
  return new MapStream(run) as TaskStream<unknown> as TaskStream<never>;
}

class MapStream extends ItemStream {
  readonly #run: MapRun;

  constructor(run: MapRun) {
    super();
    this.#run = run;
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    this.#run.start();
    return this.#run.reader.next();
  }

  return(): Promise<IteratorResult<unknown, undefined>> {
    this.#run.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  protected end(reason: unknown): void {
    this.#run.cancel(reason);
  }
}
