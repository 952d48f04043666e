/**
 * Timers that somebody awaits. Those of {@link Clock} never hold the process, which suits a limit on work that holds it
 * already; a promise that only a timer settles would be dropped with the process, so these do hold it. With a clock that was
 * injected, that clock decides.
 */
import type { Clock, StopTimer } from "./clock.ts";

const { setTimeout, clearTimeout, performance } = globalThis;

// Node fires a longer timer at once, with a warning (Node docs: timers).
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const holdingClock: Clock = {
  now: () => performance.now(),
  timeOrigin: performance.timeOrigin,
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(delayMs, LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/** Calls back once, never before `delayMs` have passed, however long that is. `Infinity`: holds, and never calls back. */
export function holdingTimer(given: Clock | undefined, delayMs: number, callback: () => void): StopTimer {
  const clock = given ?? holdingClock;
  const due = clock.now() + delayMs;
  const check = (): void => {
    const leftMs = due - clock.now();
    if (leftMs > 0) stop = clock.after(leftMs, check);
    else callback();
  };
  let stop = clock.after(delayMs, check);
  return () => stop();
}
