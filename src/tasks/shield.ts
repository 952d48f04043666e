/**
 * `asyncio.shield`: who waits may leave, the work goes on.
 */
import { abortSignal, checkOptions } from "../core/check-options.ts";
import { shielded } from "../core/shield.ts";

export interface ShieldOptions {
  /** Ends the waiting, not the work: it rejects with `signal.reason`. */
  signal?: AbortSignal;
}

/**
 * Settles as the promise does, but nothing cancels that through it: it has no `cancel`, so a `timeout`, `gather` or `TaskGroup`
 * around it ends the waiting alone. The work's error is not lost then: it becomes a warning (`OFFLOOP_WARN_UNSEEN_ERROR`). A shutdown does
 * not wait for it; `Scheduler.shield` of `offloop/jobs` does.
 *
 * @throws TypeError for bad options.
 * @example
 * ```js
 * import { shield, sleep, timeout } from "offloop/tasks";
 *
 * const saving = sleep(20, "saved");
 * console.log(await timeout(1, shield(saving)).catch((error) => error.name)); // => TimeoutError
 * console.log(await saving); // => saved
 * ```
 */
export function shield<T>(promise: T, options: ShieldOptions = {}): Promise<Awaited<T>> {
  checkOptions(options, { signal: abortSignal }, "shield");
  return shielded(promise, options.signal);
}
