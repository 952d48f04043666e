/**
 * Gives the event loop its turn from inside a long loop, but only when a slice of time is used up: an unconditional
 * `setImmediate` costs some microseconds of each step.
 *
 * The slice belongs to the turn, not to the caller: ten loops that run at once share one, so a request waits for one slice and
 * not for ten. An immediate ends the turn: it starts the next slice and lets the waiting loops go on.
 */
import { milliseconds, checkOptions } from "../core/check-options.ts";

const { setImmediate, performance } = globalThis;

// As React's scheduler: short enough to be lost in the noise of a network, long enough that the turns cost nothing.
const SLICE_MS = 5;

/** @internal A yielder with its own time, for tests. */
export function yielder(now: () => number): (sliceMs: number) => Promise<void> | undefined {
  let startedAt: number | undefined;
  let turn: Promise<void> | undefined;
  let somebodyWaits = false;
  const begin = (): void => {
    startedAt = now();
    somebodyWaits = false;
    turn = new Promise((resolve) => {
      setImmediate(() => {
        // Those that go on now have used no slice yet: theirs begins here, not with their first question.
        if (somebodyWaits) begin();
        else startedAt = turn = undefined;
        resolve();
      });
    });
  };
  return (sliceMs) => {
    if (startedAt === undefined) begin();
    if (now() - startedAt! < sliceMs) return undefined;
    somebodyWaits = true;
    return turn;
  };
}

const yieldNow = yielder(() => performance.now());

/**
 * To be awaited in a long loop on the main thread. It gives nothing, at the cost of a microtask, until the turn of the event loop has
 * lasted `sliceMs`; then a promise that resolves in the next turn, when input and timers have been served. Work that can be
 * moved is better moved (`threaded`).
 *
 * @param sliceMs The longest that a turn may last, in milliseconds. 5 unless set; 0 yields each time.
 * @throws TypeError, RangeError for a time that is negative or no number.
 * @example
 * ```js
 * import { yieldToLoop } from "offloop/tasks";
 *
 * let sum = 0;
 * for (let n = 0; n < 100_000; n++) {
 *   sum += n;
 *   await yieldToLoop();
 * }
 * console.log(sum); // => 4999950000
 * ```
 */
export function yieldToLoop(sliceMs: number = SLICE_MS): Promise<void> | undefined {
  if (typeof sliceMs !== "number" || !(sliceMs >= 0)) {
    checkOptions({ sliceMs }, { sliceMs: milliseconds({ least: 0 }) }, "yieldToLoop");
  }
  return yieldNow(sliceMs);
}
