/**
 * Loop lag over sliding windows, weighted by time: what a request would have waited that came at a moment chosen at random.
 *
 * Whoever comes while the loop waits for events waits for nothing. Whoever comes during a turn that is busy for `b` waits for
 * the rest of it, anything between `b` and 0 with the same chance. So P(lag > x) = Σ max(0, b − x) / T over the turns of a
 * window of length T, and the percentile is the x at which that sum has fallen to (1 − p) · T. Counting turns instead, as
 * histograms of delays do, gives a stall of 400 ms the weight of a turn of 10 µs, and a p99 that is some 40 times too low.
 *
 * Turns are kept in slices of time, each a histogram of busy times with their sums. The part of a turn that lies in an earlier
 * slice than its end has waits between `high` and `low` there: a turn of `high` that is added, and one of `low` taken away.
 *
 * The memory may be shared, so that the watchdog can tell the windows while the loop is blocked. Nothing is locked: a reader
 * in another thread can see a turn half recorded.
 */
export interface Lag {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
  readonly mean: number;
}

/** Times in milliseconds; `utilization` is the part of the window, 0 to 1, in which the loop was busy. */
export interface LagWindow {
  readonly ms: number;
  readonly lag: Lag;
  readonly utilization: number;
  readonly turns: number;
}

/** The windows of a snapshot. */
export const WINDOWS_MS = [1_000, 10_000, 60_000] as const;

// Four buckets an octave, the first edge at 0.1 ms, the last at 20 minutes. A bucket's sum makes a percentile exact that
// falls on the only turn in it; among several the error is a part of the bucket's width of 19 %.
const FIRST_EDGE_MS = 0.1;
const PER_OCTAVE = 4;
const BUCKETS = 96;
const EDGES = Float64Array.from({ length: BUCKETS }, (_, k) =>
  k === 0 ? 0 : FIRST_EDGE_MS * 2 ** ((k - 1) / PER_OCTAVE),
);

const [NUMBER, TURNS, BUSY, HALF_SQUARES, MAX, COUNTS, SUMS] = [0, 1, 2, 3, 4, 5, 5 + BUCKETS];
const SLICE_LENGTH = SUMS + BUCKETS;

interface Ring {
  readonly sliceMs: number;
  readonly slices: number;
  readonly offset: number;
}

// A second in tenths, a minute in seconds: a window is right to one slice. One slice more than a window needs, because it
// seldom begins with one.
const FINE: Ring = { sliceMs: 100, slices: 11, offset: 0 };
const COARSE: Ring = { sliceMs: 1_000, slices: 61, offset: FINE.slices };
const LENGTH = (FINE.slices + COARSE.slices) * SLICE_LENGTH;

/**
 * The shortest window, of a second at least, in which the percentile `part` of the lag can exceed `lagMs`. In a window of T it is at
 * most `part` · T, even of a loop that is blocked all the time; and T is short of its length by up to a slice. Undefined: none can.
 */
export function windowMsFor(lagMs: number, part: number): number | undefined {
  const needsMs = lagMs / part;
  if (needsMs < FINE.sliceMs * (FINE.slices - 2)) return FINE.sliceMs * (FINE.slices - 1);
  const windowMs = (Math.floor(needsMs / COARSE.sliceMs) + 2) * COARSE.sliceMs;
  return windowMs <= COARSE.sliceMs * (COARSE.slices - 1) ? windowMs : undefined;
}

export class LagWindows {
  readonly buffer: SharedArrayBuffer;
  readonly #bornAt: number;
  readonly #cells: Float64Array;

  /** `bornAt`: what was before counts for nothing, instead of as idle. */
  constructor(bornAt: number, buffer = new SharedArrayBuffer(LENGTH * Float64Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#bornAt = bornAt;
    this.#cells = new Float64Array(buffer);
  }

  /** A turn ended at `endedAt`, and was busy for `busyMs` before. */
  record(endedAt: number, busyMs: number): void {
    this.#record(FINE, endedAt, busyMs);
    this.#record(COARSE, endedAt, busyMs);
  }

  /** `runningMs`: how long the turn is busy that has not ended. A wait of at least that is known. */
  window(ms: number, now: number, runningMs = 0): LagWindow {
    const ring = ms <= FINE.sliceMs * (FINE.slices - 1) ? FINE : COARSE;
    const first = Math.floor((now - ms) / ring.sliceMs) + 1;
    const length = now - Math.max(first * ring.sliceMs, this.#bornAt);
    if (length <= 0) {
      return { ms, lag: { p50: 0, p90: 0, p99: 0, max: 0, mean: 0 }, utilization: 0, turns: 0 };
    }
    const total = new Float64Array(SLICE_LENGTH);
    for (let number = first; number <= Math.floor(now / ring.sliceMs); number++) {
      const slice = sliceOffset(ring, number);
      if (this.#cells[slice + NUMBER] !== number) continue;
      const max = Math.max(total[MAX]!, this.#cells[slice + MAX]!);
      for (let cell = TURNS; cell < SLICE_LENGTH; cell++) total[cell]! += this.#cells[slice + cell]!;
      total[MAX] = max;
    }
    if (runningMs > 0) addWaits(total, 0, Math.min(runningMs, length), 0);
    const percentile = (p: number): number => waitAt(total, (1 - p) * length);
    return {
      ms,
      lag: {
        p50: percentile(0.5),
        p90: percentile(0.9),
        p99: percentile(0.99),
        max: total[MAX]!,
        mean: total[HALF_SQUARES]! / length,
      },
      utilization: Math.min(1, total[BUSY]! / length),
      turns: total[TURNS]!,
    };
  }

  #record(ring: Ring, endedAt: number, busyMs: number): void {
    let number = Math.floor(endedAt / ring.sliceMs);
    const last = this.#slice(ring, number);
    this.#cells[last + TURNS]! += 1;
    const startedAt = endedAt - busyMs;
    const oldest = Math.max(Math.floor(startedAt / ring.sliceMs), number - ring.slices + 1);
    for (let low = 0; number >= oldest; number--) {
      const high = endedAt - Math.max(number * ring.sliceMs, startedAt);
      addWaits(this.#cells, this.#slice(ring, number), high, low);
      low = high;
    }
  }

  /** Where the slice is, emptied when its place had an older one. */
  #slice(ring: Ring, number: number): number {
    const at = sliceOffset(ring, number);
    if (this.#cells[at + NUMBER]! < number) {
      this.#cells.fill(0, at, at + SLICE_LENGTH);
      this.#cells[at + NUMBER] = number;
    }
    return at;
  }
}

function sliceOffset({ offset, slices }: Ring, number: number): number {
  return (offset + (((number % slices) + slices) % slices)) * SLICE_LENGTH;
}

/** Waits that are spread evenly between `high` and `low`. */
function addWaits(cells: Float64Array, slice: number, high: number, low: number): void {
  cells[slice + BUSY]! += high - low;
  cells[slice + HALF_SQUARES]! += (high * high - low * low) / 2;
  if (high > cells[slice + MAX]!) cells[slice + MAX] = high;
  addTurn(cells, slice, high, 1);
  if (low > 0) addTurn(cells, slice, low, -1);
}

function addTurn(cells: Float64Array, slice: number, ms: number, count: 1 | -1): void {
  const bucket =
    ms < FIRST_EDGE_MS
      ? 0
      : Math.min(BUCKETS - 1, 1 + Math.floor(Math.log2(ms / FIRST_EDGE_MS) * PER_OCTAVE));
  cells[slice + COUNTS + bucket]! += count;
  cells[slice + SUMS + bucket]! += count * ms;
}

/** The wait that is exceeded for `exceededMs` of the time. */
function waitAt(total: Float64Array, exceededMs: number): number {
  let count = 0;
  let sum = 0;
  let above = 0;
  for (let bucket = BUCKETS - 1; bucket >= 0; bucket--) {
    const high = bucket === BUCKETS - 1 ? Infinity : EDGES[bucket + 1]!;
    const low = EDGES[bucket]!;
    const inBucket = total[COUNTS + bucket]!;
    const mean = total[SUMS + bucket]! / inBucket;
    const exceeded = sum + total[SUMS + bucket]! - (count + inBucket) * low;
    if (exceeded >= exceededMs && exceeded > 0) {
      // Between the edges the sum is a line with a bend at the mean; without a mean, straight.
      if (!(inBucket > 0 && mean >= low && mean <= high)) {
        return low + ((high - low) * (exceeded - exceededMs)) / (exceeded - above);
      }
      const atMean = sum - count * mean;
      if (exceededMs >= atMean) return low + ((mean - low) * (exceeded - exceededMs)) / (exceeded - atMean);
      return mean + ((high - mean) * (atMean - exceededMs)) / (atMean - above);
    }
    count += inBucket;
    sum += total[SUMS + bucket]!;
    above = exceeded;
  }
  return 0;
}
