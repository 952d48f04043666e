/**
 * How long each function is expected to run, learned from its calls, and how many calls leave together for that.
 */
import type { FunctionHandle } from "../core/function-handle.ts";

/**
 * About so much work is with a worker at a time. The price of a frame (some 20 µs on both sides together) is lost in it, and it
 * is the longest that a call can be delayed by others that left before it.
 */
const FRAME_MS = 1;

/**
 * Less work than this is not worth a message of its own: that costs both sides together about as much. For dividing what is left
 * among the workers.
 */
const LEAST_MS = 0.05;

/** A longer run says no more: the function is slow. One of these is forgotten after some twenty short ones. */
const LONGEST_MS = 8 * FRAME_MS;

/** Of a new run in the expectation: what happened eight calls ago counts a third. */
const WEIGHT = 1 / 8;

/** Never ran, or was not seen to end: nothing is sent behind it. */
const UNKNOWN = Infinity;

interface Pace {
  expectedMs: number;
}

/** The learned run times of one executor. */
export class Paces {
  readonly #paces = new WeakMap<FunctionHandle, Pace>();
  // Calls of one function come in rows.
  #lastHandle: FunctionHandle | undefined;
  #lastPace: Pace = { expectedMs: UNKNOWN };

  expectedMs(handle: FunctionHandle): number {
    return this.#of(handle).expectedMs;
  }

  ran(handle: FunctionHandle, runMs: number): void {
    const pace = this.#of(handle);
    const ms = Math.min(runMs, LONGEST_MS);
    pace.expectedMs = pace.expectedMs === UNKNOWN ? ms : pace.expectedMs + (ms - pace.expectedMs) * WEIGHT;
  }

  #of(handle: FunctionHandle): Pace {
    if (handle === this.#lastHandle) return this.#lastPace;
    let pace = this.#paces.get(handle);
    if (pace === undefined) this.#paces.set(handle, (pace = { expectedMs: UNKNOWN }));
    this.#lastHandle = handle;
    this.#lastPace = pace;
    return pace;
  }
}

/** Collects calls for one worker: says of each whether it may still come along. */
export class FrameRoom {
  #calls: number;
  readonly #share: number;
  #roomMs: number;
  #sizeMs = 0;
  #size = 0;

  /**
   * `inFlight` and `expectedMs`: what the worker has. `most`: how many calls it may have. `share`: of what waits, its part, so that
   * a frame never takes what others could begin now.
   */
  constructor(worker: { inFlight: number; expectedMs: number }, most: number, share: number) {
    this.#calls = most - worker.inFlight;
    this.#roomMs = worker.inFlight === 0 ? UNKNOWN : FRAME_MS - worker.expectedMs;
    this.#share = share;
  }

  /** The first one always fits a worker that has none. */
  takes(expectedMs: number): boolean {
    if (this.#calls <= 0 || expectedMs > this.#roomMs) return false;
    if (this.#size >= this.#share && this.#sizeMs + expectedMs > LEAST_MS) return false;
    this.#roomMs = Math.min(FRAME_MS, this.#roomMs) - expectedMs;
    this.#sizeMs += expectedMs;
    this.#size++;
    this.#calls--;
    return true;
  }
}

/** Whether a worker has so little left that a frame is worth sending. */
export function isLow(worker: { inFlight: number; expectedMs: number }, most: number): boolean {
  return worker.inFlight === 0 || (worker.inFlight <= most / 2 && worker.expectedMs <= FRAME_MS / 2);
}

/** Whether another worker should do what this one has not begun. */
export function isWorthTaking(calls: number, expectedMs: number): boolean {
  return calls > 0 && expectedMs >= LEAST_MS;
}
