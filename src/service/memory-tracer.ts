/**
 * Where the memory went, told again and again while the program runs.
 */
import { callable, checkOptions, integer, milliseconds, record } from "../core/check-options.ts";
import { systemClock, type Clock } from "../core/clock.ts";
import { AllocationSites, type AllocationSite } from "./allocation-sites.ts";
import { type HeapSamples, loadHeapSamples } from "./heap-samples.ts";
import { reportTable } from "./report-table.ts";
import { LONGEST_INTERVAL_MS, Reporter } from "./reporter.ts";
import type { Service } from "./service.ts";

export interface MemoryReport {
  /** Since the tracer started, in milliseconds. */
  durationMs: number;
  /** Of the heap of this thread, all in all. */
  heapUsedBytes: number;
  /** Those that hold most, the most first. */
  sites: AllocationSite[];
}

export interface MemoryTracerOptions {
  /** Between reports, in milliseconds. 5 000 unless set. */
  intervalMs?: number;
  /** How many sites a report names. 20 unless set. */
  topResults?: number;
  /** One allocation in so many bytes is recorded. 65 536 unless set; less is more exact, and dearer. At least 1 024. */
  samplingIntervalBytes?: number;
  /** Is given each report. Unless set, it is printed on stderr. */
  onReport?(report: MemoryReport): void;
  /** For tests. */
  clock?: Clock;
}

const CHECKS = {
  intervalMs: milliseconds({ least: 0, exclusive: true, most: LONGEST_INTERVAL_MS }),
  topResults: integer({ least: 1 }),
  samplingIntervalBytes: integer({ least: 1_024 }),
  onReport: callable,
  clock: record,
};

// With stacks a report takes 50 to 190 ms in a program with deep ones; without, 1 to 6.
const STACK_DEPTH = 1;

/**
 * A service that samples the allocations of this thread and reports the functions whose objects are still there: every
 * `intervalMs`, and once more at its stop. What garbage collection has not freed yet counts, so a function that only grows, report
 * after report, is the one to look at. It does not hold the process. Needs the package `@datadog/pprof` (an optional peer
 * dependency). A report takes about 1 ms, 6 ms with very many sites (bench/service.ts).
 *
 * @example
 * ```js
 * import { MemoryTracer } from "offloop/service";
 *
 * const kept = [];
 * function leak() {
 *   for (let i = 0; i < 100_000; i++) kept.push({ i });
 * }
 * const tracer = new MemoryTracer({ onReport: ({ sites }) => console.log(sites[0].function) });
 * await tracer.start();
 * leak();
 * tracer.stop(); // => leak
 * ```
 */
export class MemoryTracer implements Service {
  readonly name = "MemoryTracer";
  readonly #options: MemoryTracerOptions;
  readonly #reporter: Reporter;
  #running:
    { readonly heap: HeapSamples; readonly sites: AllocationSites; readonly startedAt: number } | undefined;

  /** The package may come after `stop` was called. */
  #isWanted = false;

  /** @throws TypeError, RangeError for bad options. */
  constructor(options: MemoryTracerOptions = {}) {
    checkOptions(options, CHECKS, "MemoryTracer");
    this.#options = options;
    const { intervalMs = 5_000 } = options;
    this.#reporter = new Reporter(this.name, intervalMs, this.#clock, () => this.#report());
  }

  get #clock(): Clock {
    return this.#options.clock ?? systemClock;
  }

  /**
   * Begins. In a tracer that is running it does nothing.
   *
   * @throws Error when `@datadog/pprof` cannot be loaded, and when somebody samples the heap of this thread with it. V8 does not tell of a
   * sampler that the inspector has begun; that one ends with this.
   */
  async start(): Promise<void> {
    this.#isWanted = true;
    const heap = await loadHeapSamples();
    if (!this.#isWanted || this.#running !== undefined) return;
    heap.start(this.#options.samplingIntervalBytes ?? 65_536, STACK_DEPTH);
    this.#running = { heap, sites: new AllocationSites(), startedAt: this.#clock.now() };
    this.#reporter.start();
  }

  /** Reports once more, and ends. */
  stop(): void {
    this.#isWanted = false;
    this.#reporter.stop();
    // Unless it was ended from within that report.
    this.#running?.heap.stop();
    this.#running = undefined;
  }

  #report(): void {
    const { heap, sites, startedAt } = this.#running!;
    const { topResults = 20, onReport } = this.#options;
    const report = {
      durationMs: this.#clock.now() - startedAt,
      heapUsedBytes: process.memoryUsage().heapUsed,
      sites: sites.next(heap.v8Profile(), topResults),
    };
    if (onReport === undefined) process.stderr.write(asText(report));
    else onReport(report);
  }
}

function asText({ durationMs, heapUsedBytes, sites }: MemoryReport): string {
  const kilobytes = (bytes: number): string => (bytes / 1_000).toFixed(0);
  return reportTable(
    `MemoryTracer: heap ${kilobytes(heapUsedBytes)} kB after ${(durationMs / 1_000).toFixed(1)} s`,
    ["live kB", "growth kB", "objects"],
    sites.map((frame) => ({
      frame,
      cells: [kilobytes(frame.liveBytes), kilobytes(frame.growthBytes), String(frame.liveCount)],
    })),
  );
}
