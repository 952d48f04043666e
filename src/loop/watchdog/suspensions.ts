/**
 * Times in which this thread should have run and did not. While it slept through a stall of the watched thread, the process was
 * stopped or the machine had no CPU for either. A stop that finds the watched loop waiting for events looks like idling to that
 * loop, so it is told from here.
 */
import { type ReadCpuTimes, schedstatOf } from "./schedstat.ts";

interface Gap {
  readonly from: number;
  readonly to: number;
  /** A stall contained it, or it was no suspension. */
  isExplained: boolean;
}

/** Shorter ones are the scheduler's. */
const SHORTEST_MS = 20;
/** How long the watched thread may take to say that it was a stall of its own. */
const GRACE_MS = 250;
const KEPT_MS = 60_000;
/** Of this thread's own times. What it uses in a second without a gap is a hundredth of the shortest gap that matters. */
const READ_EVERY_MS = 1_000;

export class Suspensions {
  readonly #found: (startedAt: number, durationMs: number) => void;
  readonly #readCpu: ReadCpuTimes | undefined = schedstatOf("self");
  #gaps: Gap[] = [];
  #busyMs = 0;
  #readAt = 0;
  #expectedAt = Infinity;

  constructor(found: (startedAt: number, durationMs: number) => void) {
    this.#found = found;
  }

  /** This thread goes to sleep. */
  sleeps(until: number): void {
    this.#expectedAt = until;
  }

  /** And woke at `now`. What is shorter than the threshold is no news. */
  slept(now: number, thresholdMs: number): void {
    const expectedAt = this.#expectedAt;
    this.#expectedAt = Infinity;
    const lateMs = now - expectedAt;
    const isLate = lateMs >= SHORTEST_MS;
    if (isLate || now - this.#readAt > READ_EVERY_MS) {
      const busyMs = this.#ownBusyMs();
      // Not when this thread worked meanwhile, or waited for a CPU: then the machine was busy, not stopped.
      const isExplained = lateMs < thresholdMs || busyMs - this.#busyMs > lateMs * 0.5;
      if (isLate) this.#gaps.push({ from: expectedAt, to: now, isExplained });
      this.#busyMs = busyMs;
      this.#readAt = now;
    }
    if (this.#gaps.length === 0) return;
    for (const gap of this.#gaps) {
      if (gap.isExplained || now - gap.to < GRACE_MS) continue;
      gap.isExplained = true;
      this.#found(gap.from, gap.to - gap.from);
    }
    this.#gaps = this.#gaps.filter(({ to }) => now - to < KEPT_MS);
  }

  /** How much of a stall it missed. */
  within(from: number, to: number): number {
    let missedMs = 0;
    for (const gap of this.#gaps) {
      const overlap = Math.min(to, gap.to) - Math.max(from, gap.from);
      if (overlap <= 0) continue;
      missedMs += overlap;
      if (overlap > (gap.to - gap.from) * 0.5) gap.isExplained = true;
    }
    return missedMs;
  }

  /** The same of a time that ends now, of something else than a stall. */
  missedSince(from: number, now: number): number {
    const lateMs = now - Math.max(from, this.#expectedAt);
    const before = this.#gaps.map((gap) => Math.max(0, gap.to - Math.max(from, gap.from)));
    return before.reduce((sum, ms) => sum + ms, lateMs >= SHORTEST_MS ? lateMs : 0);
  }

  #ownBusyMs(): number {
    if (this.#readCpu !== undefined) {
      const { cpuMs, waitMs } = this.#readCpu();
      return cpuMs + waitMs;
    }
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  }
}
