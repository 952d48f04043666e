/**
 * How long a trivial job waits for one of libuv's pool threads. They are the process's, so the watchdog can ask, and the watched
 * loop never wakes for it. A job and its answer wake a thread each: one each half second is 0.1 % of a core, so it is asked less often where
 * the watched thread, which most jobs are of, has not run.
 */
import { fstat } from "node:fs";
import { monotonicMs } from "../messages.ts";
import { type ReadCpuTimes, schedstatOf } from "./schedstat.ts";
import type { ThreadpoolLag } from "../threadpool-lag.ts";

const EVERY_MS = 500;
/** Workers may have jobs, too. */
const IDLE_EVERY_MS = 2_500;
/** Part of a job's wait for which this thread wanted a CPU and had none: then the pool's threads most likely had none either. */
const STARVED = 0.5;

export interface ProbeHost {
  /** In how much of the time since then this thread should have run and did not: the process was stopped. */
  missedSince(from: number, now: number): number;
  /** A job waited that long, and not for a CPU. */
  saturated(lagMs: number): void;
}

export class ThreadpoolProbe {
  readonly #file: number;
  readonly #lag: ThreadpoolLag;
  readonly #host: ProbeHost;
  readonly #readCpu: ReadCpuTimes | undefined = schedstatOf("self");
  #nextAt = monotonicMs();
  #hasRun = true;

  /** `file`: any open descriptor. */
  constructor(file: number, lag: ThreadpoolLag, host: ProbeHost) {
    this.#file = file;
    this.#lag = lag;
    this.#host = host;
  }

  /** A job is under way, so the watchdog must not sleep without its loop. */
  get isPending(): boolean {
    return this.#lag.isPending;
  }

  /** `hasRun`: the watched thread, since the last time. */
  tick(hasRun: boolean): void {
    this.#hasRun ||= hasRun;
    const now = monotonicMs();
    if (this.isPending || now < this.#nextAt + (this.#hasRun ? 0 : IDLE_EVERY_MS - EVERY_MS)) return;
    this.#hasRun = false;
    this.#lag.begin(now);
    const waited = this.#readCpu?.().waitMs ?? 0;
    fstat(this.#file, () => {
      const endedAt = monotonicMs();
      this.#nextAt = endedAt + EVERY_MS;
      const lagMs = this.#lag.end(endedAt, this.#host.missedSince(now, endedAt));
      const starvedMs = (this.#readCpu?.().waitMs ?? 0) - waited;
      if (starvedMs < lagMs * STARVED) this.#host.saturated(lagMs);
    });
  }
}
