/**
 * What the watched thread does with its CPU, looked at from outside. Nothing is known where the system does not tell.
 */
import { type CpuTimes, type ReadCpuTimes, schedstatOf } from "./schedstat.ts";

/** Part of the time between two looks that the thread used a CPU, or wanted to: it has work. */
const HAS_WORK = 0.2;
/** And this much, in the same turn: it is most likely blocked. */
const LOOKS_BLOCKED = 0.6;

interface Look extends CpuTimes {
  readonly at: number;
}

export interface CpuTimesOfStall {
  readonly cpuMs: number | undefined;
  readonly cpuWaitMs: number | undefined;
}

export class CpuUse {
  readonly #read: ReadCpuTimes | undefined;
  #last: Look | undefined;
  #share = 0;
  /** The last look before this turn, or before it had work; and the one of the turn before. */
  #base: Look | undefined;
  #baseBefore: Look | undefined;

  constructor(tid: number | undefined) {
    this.#read = tid === undefined ? undefined : schedstatOf(tid);
  }

  get isKnown(): boolean {
    return this.#read !== undefined;
  }

  get hasWork(): boolean {
    return this.#share >= HAS_WORK;
  }

  get looksBlocked(): boolean {
    return this.#share >= LOOKS_BLOCKED;
  }

  look(now: number, { turned, isBlocked }: { turned: boolean; isBlocked: boolean }): void {
    if (this.#read === undefined) return;
    const look = { ...this.#read(), at: now };
    if (this.#last !== undefined) {
      const busyMs = look.cpuMs + look.waitMs - this.#last.cpuMs - this.#last.waitMs;
      this.#share = busyMs / Math.max(1, now - this.#last.at);
    }
    this.#last = look;
    if (turned) this.#baseBefore = this.#base;
    if (turned || (!isBlocked && !this.hasWork)) this.#base = look;
  }

  /** From the last look before it, or at the rate since the first look into it. */
  of(startedAt: number, durationMs: number): CpuTimesOfStall {
    // The loop may have turned on before the message of its end was read.
    const base = [this.#base, this.#baseBefore].find(
      (look) => look !== undefined && look.at < startedAt + durationMs,
    );
    if (this.#read === undefined || base === undefined) return { cpuMs: undefined, cpuWaitMs: undefined };
    const { cpuMs, waitMs } = this.#read();
    const seenMs = Math.max(1, Math.min(durationMs, startedAt + durationMs - base.at));
    const part = (ms: number): number => Math.min(durationMs, ms * (durationMs / seenMs));
    return { cpuMs: part(cpuMs - base.cpuMs), cpuWaitMs: part(waitMs - base.waitMs) };
  }
}
