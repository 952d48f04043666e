/**
 * What is done about a stall while it lasts: tell the program's listeners on the blocked stack, a parent that watches, and in
 * the end do what `unresponsive` says. Reached after 1 s, and again each time it has lasted twice as long. The parent hears from the
 * threshold on, in case that the program is killed.
 */
import { writeSync } from "node:fs";
import { formatStall } from "../format-stall.ts";
import { type LagWindows, WINDOWS_MS } from "../lag-windows.ts";
import {
  monotonicMs,
  type Observation,
  type ToWatchdog,
  type Unresponsive,
  type WatchdogBoot,
} from "../messages.ts";
import { observedStall } from "../observed-stall.ts";
import type { StackProfile } from "../stack-profile.ts";
import type { Stall } from "../stall.ts";
import { NO_LAG, ThreadpoolLag } from "../threadpool-lag.ts";
import type { WatchWords } from "../watch-words.ts";

const FIRST_MS = 1_000;
/** A killed program's last stall is told with at least four fifths of its length. */
const LASTING_FACTOR = 1.25;
/** A parent that watches gets the windows that often: its summary needs them if the program is killed. */
const WINDOWS_EVERY_MS = 1_000;
/** Of a stall. More would be too narrow to see. */
const MOST_STACKS = 100;

type Wishes = Pick<ToWatchdog & { type: "configure" }, "unresponsive" | "syncCalls">;

export class LongStall {
  readonly #boot: WatchdogBoot;
  readonly #lag: LagWindows;
  readonly #threadpoolLag: ThreadpoolLag | undefined;
  readonly #words: WatchWords;
  #unresponsive: readonly Unresponsive[] = [];
  #syncCalls: readonly string[] = [];
  #firstActionMs = Infinity;
  #nextMs = FIRST_MS;
  #nextLastingMs = 0;
  /** Whatever is due by then is done. */
  #doneMs = 0;
  #windowsAt = 0;
  #hasTurned = true;

  constructor(boot: WatchdogBoot, words: WatchWords, lag: LagWindows) {
    this.#words = words;
    this.#boot = boot;
    this.#lag = lag;
    if (boot.threadpoolLag !== undefined) this.#threadpoolLag = new ThreadpoolLag(boot.threadpoolLag);
  }

  /** What the monitors want done first, after that time. Asked for with each look. */
  get firstActionMs(): number {
    return this.#firstActionMs;
  }

  configure({ unresponsive, syncCalls }: Wishes): void {
    this.#unresponsive = unresponsive;
    this.#syncCalls = syncCalls;
    this.#firstActionMs = Math.min(Infinity, ...unresponsive.map(({ afterMs }) => afterMs));
  }

  lasts(elapsedMs: number, observe: () => Observation, tell: (record: string) => void): void {
    this.#tellParent(elapsedMs, observe);
    if (elapsedMs >= this.#nextMs) {
      while (this.#nextMs <= elapsedMs) this.#nextMs *= 2;
      const record = JSON.stringify(this.#stall(elapsedMs, observe()));
      tell(record);
      this.#write({ type: "blocked", ...(JSON.parse(record) as Stall) });
    }
    this.#actOn(elapsedMs, observe);
  }

  #actOn(elapsedMs: number, observe: () => Observation): void {
    const due = this.#unresponsive.filter(({ afterMs }) => this.#doneMs < afterMs && afterMs <= elapsedMs);
    if (due.length === 0) return;
    this.#doneMs = elapsedMs;
    const text = formatStall(this.#stall(elapsedMs, observe()), { isLasting: true });
    writeAll(2, `offloop: ${text}\n`);
    // Not process.abort(): there is none in a worker thread.
    if (due.some(({ action }) => action === "abort")) process.kill(process.pid, "SIGABRT");
  }

  #tellParent(elapsedMs: number, observe: () => Observation): void {
    const nextMs = Math.max(this.#nextLastingMs, this.#words.thresholdMs);
    if (this.#boot.live === undefined || elapsedMs < nextMs) return;
    this.#nextLastingMs = Math.max(nextMs, elapsedMs) * LASTING_FACTOR;
    this.#write({ type: "lasting", ...this.#stall(elapsedMs, observe()) });
    this.#writeWindows(elapsedMs);
  }

  ended(): void {
    this.#nextMs = FIRST_MS;
    this.#doneMs = 0;
    this.#over();
  }

  #over(): void {
    if (this.#nextLastingMs === 0) return;
    this.#nextLastingMs = 0;
    this.#write({ type: "over" });
  }

  turned(now: number, hasTurned: boolean): void {
    if (this.#boot.live === undefined) return;
    this.#over();
    this.#hasTurned ||= hasTurned;
    if (!this.#hasTurned || now - this.#windowsAt < WINDOWS_EVERY_MS) return;
    this.#windowsAt = now;
    this.#hasTurned = false;
    this.#writeWindows(0);
  }

  /** `runningMs`: of the turn that has not ended. */
  #writeWindows(runningMs: number): void {
    const at = monotonicMs() - this.#boot.origin;
    this.#write({
      type: "windows",
      at: this.#boot.timeOrigin + at,
      windows: WINDOWS_MS.map((ms) => this.#lag.window(ms, at, runningMs)),
      threadpoolLag: this.#threadpoolLag?.distribution() ?? NO_LAG,
    });
  }

  /** What was seen of a stall that is over. */
  sampled(startedAt: number, durationMs: number, profile: StackProfile): void {
    if (this.#boot.live?.withStacks !== true) return;
    const at = this.#boot.timeOrigin + startedAt - this.#boot.origin;
    this.#write({ type: "stacks", startedAt: at, durationMs, stacks: profile.stacks(MOST_STACKS) });
  }

  #stall(durationMs: number, observation: Observation): Stall {
    const startedAt = this.#boot.timeOrigin + monotonicMs() - this.#boot.origin - durationMs;
    const syncCall = this.#syncCalls[this.#words.syncCall - 1];
    return {
      ...observedStall(observation, { startedAt, durationMs, gcMs: 0, hasDebugger: false }),
      ...(syncCall !== undefined && { syncCall }),
      threadId: this.#boot.threadId,
      contexts: [],
    };
  }

  #write(record: object): void {
    if (this.#boot.live !== undefined) writeAll(this.#boot.live.fd, `${JSON.stringify(record)}\n`);
  }
}

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  try {
    for (let from = 0; from < bytes.length;) from += writeSync(file, bytes, from);
  } catch {
    // Nobody reads it any more.
  }
}
