/**
 * What the watched thread does with its CPU, looked at from outside. Nothing is known where the system does not tell.
 */
import { AwakeLooks, isAwakeOf, type IsAwake } from "./awake-looks.ts";
import { type CpuTimes, type ReadCpuTimes, schedstatOf } from "./schedstat.ts";

/**
 * Part of the time between two looks that the thread used a CPU: it has work. If its turn is still the same, it may
 * be blocked. It may also have gone back to waiting; then the first sample finds nothing, and costs 0.1 ms.
 */
const HAS_WORK = 0.2;
/** With the time that it wanted one: on a busy machine the shortest task waits for its turn, so this has to be most of the time. */
const WANTS_CPU = 0.6;

/** Of two seconds and more: whatever is slower to be noticed was no work. */
const MOST_LOOKS = 100;
/** Of a stall that began before the watchdog did. Less would be a guess. */
const LEAST_SEEN = 0.3;

interface Look {
  /** The last time it was so. */
  at: number;
  readonly times: CpuTimes;
}

interface CpuTimesOfStall {
  readonly cpuMs: number | undefined;
  readonly cpuWaitMs: number | undefined;
}

export class CpuUse {
  readonly #read: ReadCpuTimes | undefined;
  readonly #awake: AwakeLooks;
  #last: Look | undefined;
  #hasWork = false;
  #wantsCpu = false;
  #hasRun = true;
  #wasBlocked = false;
  /** Oldest first; none is added while the thread is blocked, so the one before a stall stays. */
  readonly #looks: Look[] = [];

  constructor(read: ReadCpuTimes | undefined, isAwake?: IsAwake) {
    this.#read = read;
    this.#awake = new AwakeLooks(isAwake);
  }

  get isKnown(): boolean {
    return this.#read !== undefined;
  }

  /** Between the last two looks, however shortly. Where it sleeps is the same if it has not. */
  get hasRun(): boolean {
    return this.#hasRun;
  }

  /** It used a CPU. */
  get hasWork(): boolean {
    return this.#hasWork;
  }

  /** It used one, or waited for one: so it is not waiting for events. */
  get isBusy(): boolean {
    return this.#hasWork || this.#wantsCpu;
  }

  /** Time in all in which it was ready to run and had no CPU. 0 where the system does not tell. */
  waitMs(): number {
    return this.#read?.().waitMs ?? 0;
  }

  look(now: number, isBlocked: boolean): void {
    if (this.#read === undefined) return;
    const times = this.#read();
    const last = this.#last;
    this.#hasRun = times !== last?.times;
    if (!this.#hasRun && !isBlocked && !this.#wasBlocked) return this.#stillIdle(last!, now);
    this.#wasBlocked = isBlocked;
    if (last !== undefined) {
      const sinceMs = Math.max(1, now - last.at);
      const cpuMs = times.cpuMs - last.times.cpuMs;
      this.#hasWork = cpuMs >= sinceMs * HAS_WORK;
      this.#wantsCpu = cpuMs + times.waitMs - last.times.waitMs >= sinceMs * WANTS_CPU;
    }
    this.#last = { at: now, times };
    if (isBlocked) return this.#awake.look(now);
    this.#awake.forget();
    this.#looks.push(this.#last);
    if (this.#looks.length > MOST_LOOKS) this.#looks.shift();
  }

  /** Nothing is made: of an idle program this is all that there is. */
  #stillIdle(last: Look, now: number): void {
    last.at = now;
    this.#hasWork = this.#wantsCpu = false;
  }

  /** From the last look before it, or at the rate since the first look into it, whichever is nearer to where it began. */
  of(startedAt: number, durationMs: number): CpuTimesOfStall {
    const base = this.#nearest(startedAt);
    const seenMs = base === undefined ? 0 : Math.min(durationMs, startedAt + durationMs - base.at);
    if (this.#read === undefined || base === undefined || seenMs < durationMs * LEAST_SEEN) {
      return { cpuMs: undefined, cpuWaitMs: undefined };
    }
    const { cpuMs, waitMs } = this.#read();
    const [ranMs, waitedMs] = [cpuMs - base.times.cpuMs, waitMs - base.times.waitMs];
    // The look was some time before the stall, and what happened in between counts as well: but a thread runs or waits, not both.
    const share = durationMs / Math.max(seenMs, ranMs + waitedMs);
    const stallMs = { cpuMs: ranMs * share, cpuWaitMs: waitedMs * share };
    return { ...stallMs, cpuWaitMs: this.#withStolen(stallMs, startedAt, durationMs) };
  }

  /** When it was awake, ran on no CPU and waited for none of this machine, then for one that another machine had. */
  #withStolen(
    { cpuMs, cpuWaitMs }: Record<keyof CpuTimesOfStall, number>,
    startedAt: number,
    durationMs: number,
  ): number {
    const awake = this.#awake.share(startedAt, startedAt + durationMs);
    if (awake === undefined) return cpuWaitMs;
    return Math.max(cpuWaitMs, durationMs * awake - cpuMs);
  }

  /** After a stall that followed another one, the last look before it was before both. */
  #nearest(startedAt: number): Look | undefined {
    const before = this.#looks.findLast(({ at }) => at <= startedAt);
    const into = this.#looks.find(({ at }) => at > startedAt);
    if (before === undefined || into === undefined) return before ?? into;
    return into.at - startedAt < startedAt - before.at ? into : before;
  }
}

export function cpuUseOf(tid: number | undefined): CpuUse {
  return tid === undefined ? new CpuUse(undefined) : new CpuUse(schedstatOf(tid), isAwakeOf(tid));
}
