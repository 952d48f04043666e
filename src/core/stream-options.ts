/**
 * The options of `stream`.
 */
import { CALL_OPTION_CHECKS, type CallOptions } from "./call-options.ts";
import { type Checks, checkOptions, integer, withoutUndefined } from "./check-options.ts";

/**
 * Options of a stream. `timeoutMs` is for each item: the longest the function may run for the next one; how long the reader takes does not
 * count. `queueTimeoutMs` is for the start. `retry` and `idempotent` hold until the first items are here: what has given some is not run again.
 */
export interface StreamOptions extends CallOptions {
  /** How many items that nobody has read may be there at the most. The function rests until some are read. 64 unless set. */
  window?: number;
}

const WINDOW = 64;

/** @internal */
export const STREAM_OPTION_CHECKS: Checks<StreamOptions> = {
  ...CALL_OPTION_CHECKS,
  window: integer({ least: 1 }),
};

/** @throws TypeError, RangeError naming the option. */
export function splitStreamOptions(
  options: StreamOptions,
  owner: string,
): { readonly window: number; readonly signal: AbortSignal | undefined; readonly call: CallOptions } {
  checkOptions(options, STREAM_OPTION_CHECKS, owner);
  const { window = WINDOW, signal, ...call } = withoutUndefined(options);
  return { window, signal, call };
}
