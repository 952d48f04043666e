/**
 * The options of one call.
 */
import {
  type Checks,
  checkOptions,
  flag,
  milliseconds,
  oneOf,
  finite,
  text,
  textOrNumber,
  abortSignal,
} from "./check-options.ts";

import { retry, type RetryOptions } from "./retry.ts";

/** Options of one call. Those of the call win over those of the function, those over the executor's. */
export interface CallOptions {
  /** Cancels the task when it aborts; the task rejects with `signal.reason`, untouched. */
  signal?: AbortSignal;
  /**
   * The longest the task may run, in milliseconds; waiting does not count, the import of its module by a worker that calls it
   * first does. Rejects with `TaskTimeoutError`. None unless set.
   */
  timeoutMs?: number;
  /**
   * The longest the task may wait for a worker, in milliseconds; anew when its worker died before it began, and after the pause before a
   * `retry`, which does not count. Rejects with `TaskTimeoutError`. None unless set.
   */
  queueTimeoutMs?: number;
  /**
   * Calls with a higher one leave before others that wait; 0 unless set, any finite number. A call gains one for each second that it
   * waits, so none starves: it is overtaken only by calls that are submitted within as many seconds after it as their priority is higher.
   * Calls that have left for a worker, about a millisecond of work for each, are ahead in any case.
   */
  priority?: number;
  /**
   * Calls with the same key run in one worker, one after the other, in the order in which they were submitted, whatever their priority;
   * so what the function remembers of a key is there the next time. One with `retry` keeps the next waiting until its last run. They
   * wait for that worker also while others are idle. The worker is another one after it has ended, and after `resize`. Different keys may
   * share a worker; there are as many groups as `maxWorkers`.
   */
  key?: string | number;
  /** What becomes of a running task that is cancelled or times out: its worker is ended, or left to finish for nothing. `"terminate"` unless set. */
  onCancel?: "terminate" | "abandon";
  /** How long a cancelled task that looked at its signal may go on, in milliseconds. The executor's, 1 000, unless set. */
  cancelGraceMs?: number;
  /**
   * Runs the call again when its run failed. The task stays `pending` until then. Not a call that moved something, which leaves
   * once; and not after a time limit in an `InlineExecutor`, which cannot end the run before.
   */
  retry?: RetryOptions;
  /**
   * It does no harm to run the call twice: it is run again when it had ended and its worker died before the result arrived. False unless
   * set: such a task rejects with `WorkerLostError`, `phase` "finished".
   */
  idempotent?: boolean;
  /** A name for errors and statistics, in place of the function's. */
  name?: string;
  /**
   * How the function reaches the worker: the worker imports its module, or it is sent itself, with what it captures.
   * `"auto"` unless set: by reference where that is certain to find the same function, else by value.
   */
  travel?: "auto" | "reference" | "value";
}

/** @internal */
export const CALL_OPTION_CHECKS: Checks<CallOptions> = {
  signal: abortSignal,
  timeoutMs: milliseconds({ least: 0, exclusive: true }),
  queueTimeoutMs: milliseconds({ least: 0, exclusive: true }),
  onCancel: oneOf("terminate", "abandon"),
  cancelGraceMs: milliseconds({ least: 0 }),
  name: text,
  travel: oneOf("auto", "reference", "value"),
  priority: finite,
  key: textOrNumber,
  retry,
  idempotent: flag,
};

export const NO_OPTIONS: CallOptions = Object.freeze({});

const checked = new WeakSet<object>([NO_OPTIONS]);

/** Checks once what it has given back before: a hot path passes that for each call. */
export function checkCallOptions(options: CallOptions | undefined, owner = "submit"): CallOptions {
  if (options === undefined || checked.has(options)) return options ?? NO_OPTIONS;
  checkOptions(options, CALL_OPTION_CHECKS, owner);
  const own = Object.freeze({ ...options });
  checked.add(own);
  return own;
}
