/**
 * The options of `map`.
 */
import { CALL_OPTION_CHECKS, type CallOptions, checkCallOptions } from "./call-options.ts";
import { callable, checkOptions, flag, integer, oneOf, type Checks } from "./check-options.ts";

/** Options of a `map`. Those of a call hold for each call that it makes: one for each item, unless `chunkSize` is set. */
export interface MapOptions extends CallOptions {
  /** Results come in the order of their items. Otherwise as they become ready. True unless set. */
  ordered?: boolean;
  /**
   * How many calls it has with the executor at the most. Unless set, as many as keep its workers busy for some milliseconds: twice as
   * many as there are workers for calls that take long, up to 256 for each worker for calls of a few microseconds.
   */
  concurrency?: number;
  /**
   * How many items one call takes, one after the other. `"auto"` unless set: one, because executors send small calls together by
   * themselves. A number saves what a call costs on this thread; limits, retries and cancelling then are for the chunk.
   */
  chunkSize?: "auto" | number;
  /**
   * What an error does. `"throw"`, unless set, ends it at the first one: the results before it come first, and the rest is
   * cancelled. `"collect"` goes on; results are then as those of `Promise.allSettled`.
   */
  errors?: "throw" | "collect";
  /** Is told after each item that has ended. `total` is there when `items` has a length or a size. What it throws ends the map. */
  onProgress?(progress: { done: number; total?: number }): void;
}

const chunks = integer({ least: 1 });

const CHECKS: Checks<MapOptions> = {
  ...CALL_OPTION_CHECKS,
  ordered: flag,
  concurrency: integer({ least: 1, orInfinity: true }),
  chunkSize: (value) => (value === "auto" ? undefined : chunks(value)),
  errors: oneOf("throw", "collect"),
  onProgress: callable,
};

/** Of `map` alone, and what each of its calls is given. */
export interface SplitOptions {
  readonly ordered: boolean;
  readonly concurrency: number | undefined;
  readonly chunkSize: number | undefined;
  readonly collects: boolean;
  readonly onProgress: MapOptions["onProgress"];
  readonly signal: AbortSignal | undefined;
  readonly call: CallOptions;
}

/** @throws TypeError, RangeError naming the option. */
export function splitOptions(options: MapOptions, owner: string): SplitOptions {
  checkOptions(options, CHECKS, owner);
  const {
    ordered = true,
    concurrency,
    chunkSize = "auto",
    errors = "throw",
    onProgress,
    signal,
    ...call
  } = options;
  return {
    ordered,
    concurrency,
    chunkSize: chunkSize === "auto" ? undefined : chunkSize,
    collects: errors === "collect",
    onProgress,
    signal,
    // Once for all of them: each `submit` knows what this has given back.
    call: checkCallOptions(call, owner),
  };
}
