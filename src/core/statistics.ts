/**
 * What an executor counts. The shapes are public; the recorder belongs to the dispatcher.
 */
import { type Distribution, Durations } from "./distribution.ts";
import type { LifecycleState } from "./lifecycle.ts";

export interface WorkerStatistics {
  readonly id: number;
  readonly threadId?: number;
  readonly pid?: number;
  /** `stuck`: told to end and not gone yet, because it is inside a native call. Another worker has its place. */
  readonly state: "starting" | "idle" | "busy" | "stuck";
  readonly tasks: number;
  /** Time spent running tasks. */
  readonly activeMs: number;
  readonly ageMs: number;
  /** As it was after one of its last tasks; where `maxWorkerMemoryBytes` is set. */
  readonly memoryBytes?: number;
}

export interface FunctionStatistics {
  readonly name: string;
  readonly calls: number;
  /** How often its worker died while it ran. */
  readonly lost: number;
  readonly runMs: Distribution;
}

/** `submitted = pending + running + fulfilled + rejected + cancelled`, always. */
export interface ExecutorStatistics {
  readonly name: string;
  readonly kind: "thread" | "process" | "inline";
  readonly state: LifecycleState;
  readonly maxWorkers: number;
  readonly maxPending: number;
  /** The niceness that the workers really have. Undefined until one has started. */
  readonly nice: number | undefined;
  readonly workers: readonly WorkerStatistics[];
  readonly pending: number;
  /** Begun and not settled: as `state` says of each task. One that ended a moment ago, and whose result is on its way, is among them. */
  readonly running: number;
  readonly submitted: number;
  readonly fulfilled: number;
  readonly rejected: number;
  readonly cancelled: number;
  readonly timedOut: number;
  readonly lost: number;
  readonly retried: number;
  readonly requeued: number;
  readonly workersStarted: number;
  readonly workersLost: number;
  readonly workersRecycled: number;
  readonly waitMs: Distribution;
  readonly runMs: Distribution;
  /** 0 to 1: time that workers spent in tasks, of `maxWorkers` × the last 10 s. */
  readonly utilization: number;
  readonly functions: readonly FunctionStatistics[];
  /**
   * How often this process asked V8 for the list of all its scripts, to learn which module a function is from: 15–100 ms on
   * the event loop, several times that in a program of thousands of files. It happens for exported functions of ES modules
   * that `threaded()` does not wrap. The same number in every executor.
   */
  readonly debuggerEnables: number;
}

/** What the dispatcher knows of it. */
export type DispatchStatistics = Omit<ExecutorStatistics, "debuggerEnables">;

/** Plain counters: written on the path of each call. */
export class Counters {
  submitted = 0;
  fulfilled = 0;
  rejected = 0;
  cancelled = 0;
  timedOut = 0;
  lost = 0;
  retried = 0;
  requeued = 0;
  workersStarted = 0;
  workersLost = 0;
  workersRecycled = 0;
}

// A histogram each: 256 functions are 7 MB at the most. Programs that make functions as they go share one row.
const MOST_FUNCTIONS = 256;
const OTHERS = "(others)";

interface FunctionRecord {
  calls: number;
  lost: number;
  readonly runMs: Durations;
}

/** Run times by function name. */
export class FunctionTable {
  readonly #rows = new Map<string, FunctionRecord>();
  // Calls of one function come in rows.
  #lastName: string | undefined;
  #lastRow: FunctionRecord | undefined;

  ran(name: string, ms: number): void {
    const row = name === this.#lastName ? this.#lastRow! : this.#row(name);
    this.#lastName = name;
    this.#lastRow = row;
    row.calls++;
    row.runMs.record(ms);
  }

  lost(name: string): void {
    this.#row(name).lost++;
  }

  /** Of all functions together. */
  runMs(): Distribution {
    return Durations.merged([...this.#rows.values()].map(({ runMs }) => runMs)).snapshot();
  }

  snapshot(): readonly FunctionStatistics[] {
    const rows = [...this.#rows].map(([name, { calls, lost, runMs }]) =>
      Object.freeze({ name, calls, lost, runMs: runMs.snapshot() }),
    );
    return Object.freeze(rows);
  }

  #row(name: string): FunctionRecord {
    const row = this.#rows.get(name);
    if (row !== undefined) return row;
    if (this.#rows.size >= MOST_FUNCTIONS && name !== OTHERS) return this.#row(OTHERS);
    const fresh: FunctionRecord = { calls: 0, lost: 0, runMs: new Durations() };
    this.#rows.set(name, fresh);
    return fresh;
  }
}
