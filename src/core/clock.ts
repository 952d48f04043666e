/**
 * Time, injected. Everything here that waits asks a {@link Clock}, so that tests decide when time passes.
 */

/** Stops a timer. Calling it again, or after the timer fired, does nothing. */
export type StopTimer = () => void;

/** A monotonic clock with timers. Jumps of the wall clock must not show in it. */
export interface Clock {
  /** Milliseconds since {@link timeOrigin}, never going back. */
  now(): number;
  /** Epoch milliseconds at which `now()` was 0. */
  readonly timeOrigin: number;
  /**
   * What `now()` was or will be at a reading of the machine's monotonic clock, which workers share. A clock that has nothing to do
   * with that leaves it out: then a call counts as begun when it was sent, or when the one before it was answered.
   */
  fromMonotonic?(ms: number): number;
  /** Calls back once after `delayMs`. A timer never keeps the process alive. */
  after(delayMs: number, callback: () => void): StopTimer;
}

// Taken at load: a test that replaces the global timers later must not stop timeouts of running tasks.
const { setTimeout, clearTimeout, performance } = globalThis;

// `performance.now()` reads the monotonic clock too, from an origin of its own in each thread, in half the time.
const ORIGIN = findOrigin();

/** Between two readings the thread may have lost its CPU: the closest of some pairs counts. */
function findOrigin(): number {
  let origin = 0;
  let closest = Infinity;
  for (let reading = 0; reading < 10; reading++) {
    const before = performance.now();
    const machine = Number(process.hrtime.bigint()) / 1e6;
    const apart = performance.now() - before;
    if (apart >= closest) continue;
    closest = apart;
    origin = machine - before - apart / 2;
  }
  return origin;
}

/** The machine's monotonic clock in milliseconds: the same in every thread and process. */
export function monotonicNow(): number {
  return performance.now() + ORIGIN;
}

// Node fires a longer timer at once, with a warning (Node docs: timers). Whoever asked is called early and asks again.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's monotonic clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  timeOrigin: performance.timeOrigin,
  fromMonotonic: (ms) => ms - ORIGIN,
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(delayMs, LONGEST_TIMER_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
