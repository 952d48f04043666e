/**
 * Which functions took the CPU, told again and again while the program runs.
 */
import { callable, checkOptions, integer, milliseconds, oneOf, record } from "../core/check-options.ts";
import { systemClock, type Clock } from "../core/clock.ts";
import { CpuSamples } from "./cpu-samples.ts";
import { FunctionTimes, type FunctionTime } from "./function-times.ts";
import { reportTable } from "./report-table.ts";
import { LONGEST_INTERVAL_MS, Reporter } from "./reporter.ts";
import type { Service } from "./service.ts";

export interface CpuReport {
  /** What the report is about, in milliseconds. */
  durationMs: number;
  /** Of it: with JavaScript, native calls or garbage collection. */
  busyMs: number;
  garbageCollectionMs: number;
  /** Those that took longest, the longest first. */
  functions: FunctionTime[];
}

export interface ProfilerOptions {
  /** Between reports, in milliseconds. 10 000 unless set. */
  intervalMs?: number;
  /**
   * Between looks at the stack, in milliseconds. 10 unless set: it costs about 1 % of a core while the program is busy, and what runs
   * for 50 ms of an interval is surely in the report. At least 0.1.
   */
  samplingIntervalMs?: number;
  /** How many functions a report names. 10 unless set. */
  topResults?: number;
  /** By which time the longest are chosen: `"total"`, with what they called, unless set; or `"self"`. */
  order?: "self" | "total";
  /** Is given each report. Unless set, it is printed on stderr. */
  onReport?(report: CpuReport): void;
  /** For tests. */
  clock?: Clock;
}

const CHECKS = {
  intervalMs: milliseconds({ least: 0, exclusive: true, most: LONGEST_INTERVAL_MS }),
  samplingIntervalMs: milliseconds({ least: 0.1, most: 1_000 }),
  topResults: integer({ least: 1 }),
  order: oneOf("self", "total"),
  onReport: callable,
  clock: record,
};

/**
 * A service that samples what runs in this thread, with V8's CPU profiler, and reports the functions that took longest:
 * every `intervalMs`, and once more at its stop. It does not hold the process.
 *
 * `start()` takes 30 to 80 ms of the event loop, and a loop that V8 compiled while it ran, before the start, is counted for its
 * caller: so start it first. After that it takes about 5 ms twice a second in a program with deep stacks that is always busy, and
 * less than 1 ms in most (bench/service.ts).
 *
 * @example
 * ```js
 * import { Profiler } from "offloop/service";
 *
 * function slow() {
 *   const until = Date.now() + 200;
 *   while (Date.now() < until);
 * }
 * const profiler = new Profiler({
 *   onReport: ({ functions }) => console.log(functions.some((one) => one.function === "slow")),
 * });
 * profiler.start();
 * slow();
 * profiler.stop(); // => true
 * ```
 */
export class Profiler implements Service {
  readonly name = "Profiler";
  readonly #options: ProfilerOptions;
  readonly #reporter: Reporter;
  #times = new FunctionTimes();
  #samples: CpuSamples | undefined;

  /** @throws TypeError, RangeError for bad options. */
  constructor(options: ProfilerOptions = {}) {
    checkOptions(options, CHECKS, "Profiler");
    this.#options = options;
    const { intervalMs = 10_000, clock = systemClock } = options;
    this.#reporter = new Reporter(this.name, intervalMs, clock, () => this.#report());
  }

  /**
   * Begins. In a profiler that is running it does nothing.
   *
   * @throws Error where the inspector cannot be used: `--permission` without `--allow-inspector`.
   */
  start(): void {
    if (this.#samples !== undefined) return;
    const { samplingIntervalMs = 10, clock = systemClock } = this.#options;
    this.#times = new FunctionTimes();
    this.#samples = new CpuSamples(samplingIntervalMs, clock, (profile) => this.#times.add(profile));
    this.#reporter.start();
  }

  /** Reports what was seen since the last report, and ends. */
  stop(): void {
    const samples = this.#samples;
    if (samples === undefined) return;
    this.#samples = undefined;
    samples.stop();
    this.#reporter.stop();
  }

  #report(): void {
    this.#samples?.cut();
    const times = this.#times;
    this.#times = new FunctionTimes();
    const { topResults = 10, order = "total", onReport } = this.#options;
    const report = {
      durationMs: times.durationMs,
      busyMs: times.durationMs - times.idleMs,
      garbageCollectionMs: times.garbageCollectionMs,
      functions: times.longest(order, topResults),
    };
    if (onReport === undefined) process.stderr.write(asText(report));
    else onReport(report);
  }
}

function asText({ durationMs, busyMs, garbageCollectionMs, functions }: CpuReport): string {
  const percent = (ms: number): string => `${durationMs === 0 ? 0 : Math.round((100 * ms) / durationMs)} %`;
  const collecting = `garbage collection ${percent(garbageCollectionMs)}`;
  return reportTable(
    `Profiler: ${(durationMs / 1_000).toFixed(1)} s, busy ${percent(busyMs)}, ${collecting}`,
    ["total ms", "self ms"],
    functions.map((frame) => ({ frame, cells: [frame.totalMs.toFixed(0), frame.selfMs.toFixed(0)] })),
  );
}
