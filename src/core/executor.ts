/**
 * The contract of everything that runs calls. Read this file first: threads, processes and the inline executor differ in
 * where a call runs, not in what is promised here.
 */
import type { CallOptions } from "./call-options.ts";
import type { Clock } from "./clock.ts";
import type { ResourceLimits } from "./resource-limits.ts";
import type { Stdio } from "./stdio.ts";
import type { MapOptions } from "./map-options.ts";
import type { ExecutorStatistics } from "./statistics.ts";
import type { Task } from "./task.ts";
import type { StreamOptions } from "./stream-options.ts";
import type { StreamedFrom, TaskStream } from "./task-stream.ts";

/** Runs functions somewhere else. */
export interface Executor extends AsyncDisposable {
  readonly name: string;

  /**
   * Hands over a call. A free worker gets it before `submit` returns; otherwise it waits its turn.
   *
   * The arguments are copied when the call leaves, which may be after `submit` returned: do not change them before the task
   * settles. The task settles exactly once, whatever happens to its worker. A full or closed executor, a function that
   * cannot travel and an argument that cannot be copied reject the task.
   *
   * @throws TypeError, RangeError for something that is not a function, and for bad options.
   */
  submit<A extends unknown[], R>(fn: (...args: A) => R, args: A, options?: CallOptions): Task<Awaited<R>>;

  /**
   * Calls `fn` with each item and gives the results one after the other, in the order of the items. Nothing is taken before the first
   * read. From then on items are taken as long as there is room: so many calls are made at once as keep the workers busy for some
   * milliseconds (`concurrency`), and at the most twice as many items are held whose results nobody has read. A reader that is slow slows down the
   * items, so they may be endless, and larger than memory. Where other calls fill the executor, it waits for room.
   *
   * The first error ends it, after the results before it, and cancels the rest, unless `errors` is `"collect"`. Leaving the loop,
   * `cancel()` and an aborted `signal` cancel what runs, and close the items.
   *
   * @throws TypeError, RangeError for something that is not a function, items that cannot be iterated, and bad options.
   * @example
   * ```js
   * import { ThreadPoolExecutor } from "offloop";
   *
   * const pool = new ThreadPoolExecutor();
   * const squares = [];
   * for await (const square of pool.map((n) => n ** 2, [1, 2, 3])) squares.push(square);
   * console.log(squares); // => [ 1, 4, 9 ]
   * await pool.shutdown();
   * ```
   */
  map<T, R>(
    fn: (item: T) => R,
    items: Iterable<T> | AsyncIterable<T>,
    options?: MapOptions,
  ): TaskStream<Awaited<R>>;

  /**
   * Runs a generator function, plain or async, or any function that gives an iterable, and gives its items as they come. It begins with
   * the first read. Each item is copied when it is made, or moved if it was marked with {@link transfer}.
   *
   * At the most `window` items wait unread; then the function rests, and **its worker does other work** until half of them are read. So
   * a slow reader holds memory for `window` items, and no worker. `timeoutMs` is for each item. The stream stays in one worker: when that
   * dies, also while it does something else, the items that have come are read first, then a `WorkerLostError`. It is never run
   * again once it has given items.
   *
   * Leaving the loop, `cancel()` and an aborted `signal` end it: what runs has `cancelGraceMs` to come to the next `yield`, then the
   * function's `finally` runs in the worker. An error comes after the items before it.
   *
   * The stream counts as one call. While nobody reads, it does not hold the process; one that is dropped unread is ended when it is collected, with a warning.
   * A shutdown waits for readers until its `timeoutMs`; disposal, which has none, until 10 seconds after they have read the last time.
   *
   * @throws TypeError, RangeError for something that is not a function, and for bad options.
   * @example
   * ```js
   * import { ThreadPoolExecutor } from "offloop";
   *
   * const pool = new ThreadPoolExecutor();
   * const squares = pool.stream(function* (limit) {
   *   for (let n = 1; n <= limit; n++) yield n ** 2;
   * }, [1_000_000]);
   * for await (const square of squares) {
   *   if (square < 100) continue;
   *   console.log(square); // => 100
   *   break;
   * }
   * await pool.shutdown();
   * ```
   */
  stream<A extends unknown[], Y>(
    fn: (...args: A) => StreamedFrom<Y>,
    args: A,
    options?: StreamOptions,
  ): TaskStream<Y>;

  /**
   * Calls `fn` once in each worker that has started, when that has ended what it was sent before, and before anything that waits: for
   * what workers keep, such as caches and settings. The results are in the order in which the workers started; none while no worker has. Workers
   * that start later do not run it: what each worker needs is its `initializer`'s. Nothing can be moved with `transfer()`.
   *
   * @throws TypeError for something that is not a function, or to be moved; AggregateError when all have ended and some have failed, also because their
   * worker died; {@link ExecutorClosedError}; a TravelError; `DeadlockError` where a worker waits for the caller.
   * @example
   * ```js
   * import { ThreadPoolExecutor } from "offloop";
   *
   * const pool = new ThreadPoolExecutor({ minWorkers: 2, maxWorkers: 2 });
   * await pool.ready();
   * const levels = await pool.broadcast((level) => (process.env.LEVEL = level), "debug");
   * console.log(levels); // => [ 'debug', 'debug' ]
   * await pool.shutdown();
   * ```
   */
  broadcast<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Promise<Awaited<R>[]>;

  /** Resolves when `minWorkers`, at least one, have started. @throws {@link BrokenExecutorError} when one cannot start. */
  ready(): Promise<void>;

  /**
   * Resolves when nothing waits and nothing runs, and holds the process until then. A stream counts until it has ended, but one of which nothing
   * is read for 10 seconds does not. @throws `DeadlockError` where a worker waits for the caller.
   */
  idle(): Promise<void>;

  /**
   * Resolves when a call would be taken: fewer than `maxPending` wait. Those who wait are let in one after the other; submit right
   * after it, somebody else may come in between.
   *
   * @throws the signal's reason; {@link ExecutorClosedError} when it is shut down; `DeadlockError` where all workers wait for the caller.
   * @example
   * ```js
   * import { ThreadPoolExecutor } from "offloop";
   *
   * const pool = new ThreadPoolExecutor({ maxPending: 2 });
   * const tasks = [];
   * for (let n = 0; n < 100; n++) {
   *   await pool.waitForCapacity();
   *   tasks.push(pool.submit(Math.sqrt, [n]));
   * }
   * console.log((await Promise.all(tasks)).length); // => 100
   * await pool.shutdown();
   * ```
   */
  waitForCapacity(signal?: AbortSignal): Promise<void>;

  /** Changes the number of workers. Surplus ones end when they are idle. @throws TypeError, RangeError as the constructor. */
  resize(size: { minWorkers?: number; maxWorkers?: number }): void;

  /** A frozen snapshot. */
  statistics(): ExecutorStatistics;

  /**
   * Takes no more calls, lets those that run and wait end, then ends the workers. After `timeoutMs` what still waits is
   * cancelled and what still runs is ended, each with {@link ExecutorClosedError}; nothing is left unsettled. Calling it again
   * gives the first call's report. @throws `DeadlockError` without a limit, where a worker waits for the caller; it goes on.
   */
  shutdown(options?: ShutdownOptions): Promise<ShutdownReport>;

  /** As {@link Executor.shutdown}, without a limit of its own. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ShutdownOptions {
  /** Rejects what waits instead of running it. False unless set. */
  cancelPending?: boolean;
  /** How long running and waiting tasks may take, in milliseconds. 10 000 unless set; `Infinity` waits for all. */
  timeoutMs?: number;
}

/** How a shutdown went. */
export interface ShutdownReport {
  /** Tasks that ended by themselves while it waited. */
  readonly finished: number;
  readonly cancelled: readonly { readonly id: number; readonly name: string }[];
  readonly killed: readonly { readonly id: number; readonly name: string }[];
  readonly timedOut: boolean;
  readonly durationMs: number;
}

/** Options of an executor. */
export interface ExecutorOptions {
  /** For messages and statistics. `threads-1`, `processes-1`, … unless set. */
  name?: string;
  /** Workers that are started at once and kept. 0 unless set: workers start with the first call. */
  minWorkers?: number;
  /**
   * The most workers there may be. The usable CPUs unless set: the least of `os.availableParallelism()` and the container's
   * CPU quota rounded up. The environment variable `OFFLOOP_MAX_WORKERS` overrides that default.
   */
  maxWorkers?: number;
  /**
   * The most tasks that may wait for busy workers; more reject with `QueueFullError`. Those that a worker is idle, is started
   * or can be started for do not count, so that it matters to nobody how fast workers start. 100 000 unless set.
   */
  maxPending?: number;
  /** How long a worker above `minWorkers` may be idle before it ends, in milliseconds. 30 000 unless set. */
  idleTimeoutMs?: number;
  /** How long a worker may take to start, its `initializer` included, and to run its `finalizer`, in milliseconds. 30 000 unless set. */
  startTimeoutMs?: number;
  /** For each call that sets none. */
  timeoutMs?: number;
  /** For each call that sets none. */
  queueTimeoutMs?: number;
  /** How long a cancelled task that looked at its signal may go on, in milliseconds. 1 000 unless set. */
  cancelGraceMs?: number;
  /**
   * How much the workers yield to the event loop when both want the same CPU: 0 to 19. 19 on Linux and Windows unless set, 0
   * on macOS, where it cannot be set for a thread. On one CPU a saturated main thread leaves niced workers a few percent.
   */
  nice?: number;
  /** Runs once in each new worker before its first task. It travels as a task's function does. Its arguments need it. */
  initializer?: (...args: never[]) => unknown;
  initializerArgs?: unknown[];
  /** Runs in a worker that ends because it is idle, surplus or shut down; not in one that is killed. */
  finalizer?: () => unknown;
  /** The workers' `process.env`, copied. The parent's unless set. */
  env?: NodeJS.ProcessEnv;
  /** Node options for the workers. The parent's, without those that make no sense in a worker, unless set. */
  execArgv?: string[];
  /**
   * Whether `hungAt` of a `TaskTimeoutError` tells where the task was. The answer takes a few milliseconds, 100 at the most when
   * the worker is inside of a native call, and the task is told to have timed out after that. True unless set, for threads.
   * False unless set, for child processes: each has another thread for it, some 10 MB, and only then `task.stack()` knows
   * anything of them. The inline executor cannot tell, and takes no `true`.
   */
  stacks?: boolean;
  /** After so many tasks a worker ends, and another takes its place. No limit unless set. */
  maxTasksPerWorker?: number;
  /** A worker that is older ends between two tasks, and another takes its place. In milliseconds; no limit unless set. */
  maxWorkerAgeMs?: number;
  /**
   * A worker that takes more memory ends between two tasks, and another takes its place: of a thread its heap and the buffers that hang on
   * it, garbage included, of a process its resident memory. In bytes; no limit unless set. `resourceLimits` end a worker at once.
   */
  maxWorkerMemoryBytes?: number;
  /**
   * Where what tasks print goes: to this program's streams (`"inherit"`), nowhere (`"ignore"`), or all of it to stderr (`"stderr"`), for
   * programs whose stdout is read by others. `"inherit"` unless set. What writes to the descriptors themselves is beyond it in a thread.
   */
  stdio?: Stdio;
  /** The memory that each worker may take: V8's own limits unless set. */
  resourceLimits?: ResourceLimits;
  /**
   * Names given to {@link registerContext}: the stores that are in force where a call is submitted go along with it, as copies, are entered around the function
   * in the worker, and are the stores themselves again in what it runs on main. `"traceparent"` is OpenTelemetry's
   * context in the W3C's form, with a span for each task, its wait and its run; it needs the package `@opentelemetry/api` (an optional peer). None unless set.
   */
  context?: string[];
  /** For tests. */
  clock?: Clock;
}
