/**
 * What trivial jobs had to wait for a thread of libuv's pool in the last minute. Written by the watchdog, read by the watched
 * thread: shared memory instead of messages, which would wake an idle loop.
 */
import type { Distribution } from "../core/distribution.ts";

/** Nobody has asked. */
export const NO_LAG: Distribution = { count: 0, min: 0, max: 0, mean: 0, p50: 0, p90: 0, p99: 0 };

const [COUNT, PENDING_SINCE, RING] = [0, 1, 2];
/** Two a second for a minute. */
const KEPT = 120;
const LENGTH = RING + 2 * KEPT;

export class ThreadpoolLag {
  readonly buffer: SharedArrayBuffer;
  readonly #cells: Float64Array;

  constructor(buffer = new SharedArrayBuffer(LENGTH * Float64Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#cells = new Float64Array(buffer);
  }

  get isPending(): boolean {
    return this.#cells[PENDING_SINCE] !== 0;
  }

  /** Instants are of the monotonic clock. */
  begin(now: number): void {
    this.#cells[PENDING_SINCE] = now;
  }

  /** `missedMs`: nobody waited then. @returns what the job waited. */
  end(now: number, missedMs = 0): number {
    const lagMs = Math.max(0, now - this.#cells[PENDING_SINCE]! - missedMs);
    const slot = RING + 2 * (this.#cells[COUNT]! % KEPT);
    this.#cells[slot] = now;
    this.#cells[slot + 1] = lagMs;
    this.#cells[COUNT]!++;
    this.#cells[PENDING_SINCE] = 0;
    return lagMs;
  }

  distribution(): Distribution {
    const lags = this.#lags(-Infinity).toSorted((a, b) => a - b);
    const count = lags.length;
    const at = (p: number): number => lags[Math.max(0, Math.ceil(count * p) - 1)] ?? 0;
    const mean = count === 0 ? 0 : lags.reduce((sum, lag) => sum + lag, 0) / count;
    return { count, min: at(0), max: at(1), mean, p50: at(0.5), p90: at(0.9), p99: at(0.99) };
  }

  /** The longest since, with the one that is still waiting. */
  longest(since: number, now: number): number {
    const pendingSince = this.#cells[PENDING_SINCE]!;
    return Math.max(0, pendingSince === 0 ? 0 : now - pendingSince, ...this.#lags(since));
  }

  #lags(since: number): number[] {
    const found: number[] = [];
    for (let n = 0; n < Math.min(this.#cells[COUNT]!, KEPT); n++) {
      const slot = RING + 2 * n;
      if (this.#cells[slot]! >= since) found.push(this.#cells[slot + 1]!);
    }
    return found;
  }
}
