/**
 * What a program sees of the watch over its loop.
 */
import { EventEmitter } from "node:events";
import { checkOptions, abortSignal } from "../core/check-options.ts";
import { systemClock } from "../core/clock.ts";
import type { Distribution } from "../core/distribution.ts";
import { type Advice, AdviceBook } from "./advice.ts";
import { type LagWindow, WINDOWS_MS } from "./lag-windows.ts";
import { type LoopSource, sourceOfClock, sourceOfThread } from "./loop-source.ts";
import type { LiveReport } from "./messages.ts";
import type { Watcher } from "./watcher.ts";
import { type CompleteMonitorOptions, completeMonitorOptions, type LoopMonitorOptions } from "./options.ts";
import {
  checkLimits,
  lagWindowMs,
  type Pressure,
  PRESSURE_WINDOW_MS,
  type PressureLimits,
  pressureOf,
} from "./pressure.ts";
import { RateLimit } from "./rate-limit.ts";
import type { Stall } from "./stall.ts";
import { StallContexts } from "./stall-contexts.ts";
import { StallStream } from "./stall-stream.ts";
import { NO_LAG } from "./threadpool-lag.ts";

export interface LoopMonitorEvents {
  /** A stall is over. Heard a few milliseconds after its end. */
  stall: [stall: Stall];
  /**
   * A stall lasts: after 1 s, 2 s, 4 s and so on. Heard while the loop is blocked, on the blocked stack, so keep it short, and write
   * synchronously. Not heard in the middle of a native call. Its `gcMs` is 0: that is known afterwards.
   */
  blocked: [stall: Stall];
  /** A call of `pressure` found one of its limits broken, for the first time since it was kept. */
  overload: [pressure: Pressure];
  /** All its limits are kept again. */
  recovered: [limits: PressureLimits];
}

/** Counts since the monitor began, and the last second, 10 seconds and minute. */
export interface LoopSnapshot {
  readonly windows: LagWindow[];
  /** What trivial jobs waited for a thread of libuv's pool in the last minute; only on the main thread. */
  readonly threadpoolLag: Distribution;
  /** By cause. */
  readonly stalls: Record<string, number>;
}

/** An EventEmitter; see {@link LoopMonitorEvents}. `await using` stops it. */
export class LoopMonitor extends EventEmitter<LoopMonitorEvents> implements AsyncDisposable {
  readonly #options: CompleteMonitorOptions;
  readonly #source: LoopSource;
  readonly #limit: RateLimit;
  readonly #advice = new AdviceBook();
  readonly #streams = new Set<StallStream>();
  readonly #stalls: Record<string, number> = {};
  readonly #overloads = new Map<string, () => void>();
  #stopped: Promise<void> | undefined;

  /** @internal */
  constructor(options: CompleteMonitorOptions, live?: LiveReport) {
    super();
    this.#options = options;
    this.#limit = new RateLimit(options.maxStallsPerMinute, () => options.clock.now());
    const watcher = this.#watcher();
    this.#source =
      options.clock === systemClock ? sourceOfThread(watcher, live) : sourceOfClock(watcher, options.clock);
  }

  /**
   * Stalls as they end, without an event listener. Ends when the monitor stops or the signal aborts; a reader that is 1 000 behind
   * loses the oldest.
   *
   * @throws TypeError for bad options.
   */
  stalls(options: { signal?: AbortSignal } = {}): AsyncIterableIterator<Stall> {
    checkOptions(options, { signal: abortSignal }, "LoopMonitor.stalls");
    const stream = new StallStream(options.signal, (left) => this.#streams.delete(left));
    if (this.#stopped === undefined) this.#streams.add(stream);
    else stream.end();
    return stream;
  }

  /**
   * Resolves when the watchdog runs, some 40 ms after the first monitor began. A stall before that has its duration, but neither a
   * stack nor a cause, so a program that wants to know what blocks its start waits for it.
   */
  ready(): Promise<void> {
    return this.#source.ready();
  }

  /** The numbers now, including the turn that runs. */
  snapshot(): LoopSnapshot {
    const now = this.#source.now();
    const runningMs = this.#source.busyMs();
    return {
      windows: WINDOWS_MS.map((ms) => this.#source.lag.window(ms, now, runningMs)),
      threadpoolLag: this.#source.threadpool?.distribution() ?? NO_LAG,
      stalls: { ...this.#stalls },
    };
  }

  /**
   * Whether the last second breaks a limit, including the turn that runs; for a `maxLagMs` that a second cannot show, as many seconds as
   * can. Cheap enough for each request: some 10 µs.
   *
   * @throws TypeError, RangeError for bad limits, or none.
   * @example
   * ```js
   * import { watchLoop } from "offloop";
   *
   * const monitor = watchLoop();
   * console.log(monitor.pressure({ maxLagMs: 1_000 }).overloaded); // => false
   * const end = Date.now() + 200;
   * while (Date.now() < end);
   * const { overloaded, reason, retryAfterMs } = monitor.pressure({ maxLagMs: 100 });
   * console.log(overloaded, reason, retryAfterMs); // => true lag 1000
   * await monitor.stop();
   * ```
   */
  pressure(limits: PressureLimits): Pressure {
    checkLimits(limits, "LoopMonitor.pressure");
    const pressure = this.#pressure(limits);
    if (pressure.overloaded) this.#overloaded(limits, pressure);
    return pressure;
  }

  /** What to move off the loop, the most expensive first. */
  advice(): Advice[] {
    return this.#advice.list();
  }

  /** Resolves when the watch is over, and everything that ended before is told. Idempotent. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    await this.#source.leave();
    for (const stop of this.#overloads.values()) stop();
    this.#overloads.clear();
    for (const stream of this.#streams) stream.end();
  }

  #watcher(): Watcher {
    const { thresholdMs, sampleMs, stacks, idleHeartbeatMs, unresponsive, syncCalls, context } =
      this.#options;
    const contexts = new StallContexts(context);
    return {
      thresholdMs,
      sampleMs,
      stacks,
      idleHeartbeatMs,
      unresponsive,
      syncCalls,
      sampled: (turn) => contexts.sampled(turn),
      contexts: (turn) => contexts.of(turn),
      lasting: (turn, stall) => void this.emit("blocked", { ...stall, contexts: contexts.of(turn) }),
      stalled: (stall) => this.#stalled(stall),
    };
  }

  #stalled(stall: Stall): void {
    this.#stalls[stall.cause] = (this.#stalls[stall.cause] ?? 0) + 1;
    this.#advice.add(stall);
    if (!this.#limit.take()) return;
    for (const stream of this.#streams) stream.push(stall);
    this.emit("stall", stall);
  }

  #pressure(limits: PressureLimits): Pressure {
    const { lag, now, busyMs } = this.#source;
    const [at, runningMs] = [now(), busyMs()];
    const window = lag.window(PRESSURE_WINDOW_MS, at, runningMs);
    const lagWindow = lag.window(lagWindowMs(limits)!, at, runningMs);
    const { maxThreadpoolLagMs } = limits;
    const threadpoolLagMs =
      maxThreadpoolLagMs === undefined ? 0 : this.#source.threadpoolLagMs(PRESSURE_WINDOW_MS);
    return pressureOf(window, lagWindow, threadpoolLagMs, limits);
  }

  /** Told once, and looked at again only until it is over: nothing runs while nothing is wrong. */
  #overloaded(limits: PressureLimits, pressure: Pressure): void {
    const key = JSON.stringify(limits);
    if (this.#overloads.has(key) || this.#stopped !== undefined) return;
    const look = (): void => {
      if (this.#pressure(limits).overloaded) {
        this.#overloads.set(key, this.#options.clock.after(PRESSURE_WINDOW_MS / 4, look));
        return;
      }
      this.#overloads.delete(key);
      this.emit("recovered", limits);
    };
    this.#overloads.set(key, this.#options.clock.after(PRESSURE_WINDOW_MS / 4, look));
    this.emit("overload", pressure);
  }
}

/**
 * Watches the event loop of the thread that calls it: every turn is measured, and each that takes `thresholdMs` or longer is told as a
 * {@link Stall}, with the function and the line that it was in, whose request it was, and why.
 *
 * The loop is not slowed: a turn costs 0.2 µs more, an idle loop is not woken (Linux), and the inspector is used only during
 * a stall, from a watchdog thread. All monitors of a thread share one hook and one watchdog. It keeps nothing alive; at
 * the exit of the process the last stall is still told.
 *
 * @throws TypeError, RangeError for bad options.
 * @example
 * ```js
 * import { setTimeout as delay } from "node:timers/promises";
 * import { watchLoop } from "offloop";
 *
 * const monitor = watchLoop({ thresholdMs: 100 });
 * await monitor.ready();
 * monitor.on("stall", ({ culprit, durationMs }) => {
 *   console.log(culprit.function, durationMs >= 400);
 * });
 * setTimeout(function countUp() {
 *   const end = Date.now() + 450;
 *   while (Date.now() < end);
 * }, 100);
 * await delay(700); // => countUp true
 * await monitor.stop();
 * ```
 */
export function watchLoop(options: LoopMonitorOptions = {}): LoopMonitor {
  return new LoopMonitor(completeMonitorOptions(options));
}
