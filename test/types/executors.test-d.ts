import {
  type CurrentTask,
  currentTask,
  defaultExecutor,
  type Executor,
  type ExecutorStatistics,
  InlineExecutor,
  ProcessPoolExecutor,
  runInExecutor,
  setDefaultExecutor,
  type ShutdownReport,
  shutdownDefaultExecutors,
  type TaskStream,
  type Task,
  ThreadPoolExecutor,
} from "offloop";
import { FakeClock, gate, type GateToken, waitAt } from "offloop/testing";
import { describe, expectTypeOf, test } from "vitest";

declare const pool: Executor;
declare const add: (a: number, b: number) => number;
declare const load: (url: string) => Promise<{ status: number }>;

describe("submit", () => {
  test("infers arguments and result, and awaits promises", () => {
    expectTypeOf(pool.submit(add, [1, 2])).toEqualTypeOf<Task<number>>();
    expectTypeOf(pool.submit(load, ["a"])).toEqualTypeOf<Task<{ status: number }>>();
    expectTypeOf(pool.submit((text: string) => text.length, ["a"])).toEqualTypeOf<Task<number>>();
    expectTypeOf(pool.submit(() => {}, [])).toEqualTypeOf<Task<void>>();
    expectTypeOf(pool.submit(waitAt, [gate().token])).toEqualTypeOf<Task<void>>();
  });

  test("refuses other arguments", () => {
    // @ts-expect-error a string is no number
    void pool.submit(add, [1, "2"]);
    // @ts-expect-error one is missing
    void pool.submit(add, [1]);
    // @ts-expect-error one too many
    void pool.submit(add, [1, 2, 3]);
    // @ts-expect-error arguments come as an array
    void pool.submit(add, 1, 2);
    // @ts-expect-error the array is not optional
    void pool.submit(() => {});
    // @ts-expect-error not a function
    void pool.submit("add", []);
  });

  test("takes the options of a call, and no others", () => {
    const { signal } = new AbortController();
    void pool.submit(add, [1, 2], {
      signal,
      timeoutMs: 5,
      queueTimeoutMs: 5,
      onCancel: "abandon",
      name: "a",
    });
    void pool.submit(add, [1, 2], { cancelGraceMs: 0, travel: "reference" });
    // @ts-expect-error unknown
    void pool.submit(add, [1, 2], { timeout: 5 });
    // @ts-expect-error an option of executors
    void pool.submit(add, [1, 2], { maxWorkers: 5 });
    // @ts-expect-error an option of threaded()
    void pool.submit(add, [1, 2], { executor: pool });
    // @ts-expect-error not a signal
    void pool.submit(add, [1, 2], { signal: { aborted: true } });
  });
});

describe("runInExecutor", () => {
  test("infers arguments and result, on any executor or the default one", () => {
    expectTypeOf(runInExecutor(pool, add, 1, 2)).toEqualTypeOf<Task<number>>();
    expectTypeOf(runInExecutor(null, load, "a")).toEqualTypeOf<Task<{ status: number }>>();
    expectTypeOf(runInExecutor(new InlineExecutor(), () => "a")).toEqualTypeOf<Task<string>>();
    expectTypeOf(runInExecutor(null, <T>(value: T): T[] => [value], 5)).toEqualTypeOf<Task<number[]>>();
  });

  test("refuses misuse", () => {
    // @ts-expect-error a string is no number
    void runInExecutor(null, add, 1, "2");
    // @ts-expect-error one is missing
    void runInExecutor(null, add, 1);
    // @ts-expect-error nothing is not null
    void runInExecutor(undefined, add, 1, 2);
    // @ts-expect-error the executor comes first
    void runInExecutor(add, 1, 2);
    // @ts-expect-error not an executor
    void runInExecutor("thread", add, 1, 2);
  });
});

describe("executors", () => {
  test("all are executors", () => {
    expectTypeOf<ThreadPoolExecutor>().toExtend<Executor>();
    expectTypeOf<ProcessPoolExecutor>().toExtend<Executor>();
    expectTypeOf<InlineExecutor>().toExtend<Executor>();
  });

  test("take options, and refuse unknown ones and wrong types", () => {
    new ThreadPoolExecutor({
      name: "a",
      minWorkers: 1,
      maxWorkers: 2,
      maxPending: Infinity,
      initializer: (level: number, name: string) => [level, name],
      initializerArgs: [1, "a"],
      finalizer: () => {},
      env: { A: "1" },
      execArgv: ["--no-warnings"],
      clock: new FakeClock(),
    });
    // @ts-expect-error unknown
    new ThreadPoolExecutor({ max: 2 });
    // @ts-expect-error a string is no number
    new ProcessPoolExecutor({ maxWorkers: "2" });
    new ThreadPoolExecutor({ context: ["request"] });
    // @ts-expect-error not a list
    new ThreadPoolExecutor({ context: "request" });
    // @ts-expect-error not one of them
    new ThreadPoolExecutor({ stdio: "pipe" });
    // @ts-expect-error not a list
    new InlineExecutor({ execArgv: "--no-warnings" });
  });

  test("their methods resolve to what they say", () => {
    expectTypeOf(pool.ready()).toEqualTypeOf<Promise<void>>();
    expectTypeOf(pool.idle()).toEqualTypeOf<Promise<void>>();
    expectTypeOf(pool.shutdown()).toEqualTypeOf<Promise<ShutdownReport>>();
    expectTypeOf(pool.statistics()).toEqualTypeOf<ExecutorStatistics>();
    expectTypeOf(pool.resize({ maxWorkers: 1 })).toEqualTypeOf<void>();
    expectTypeOf(shutdownDefaultExecutors({ timeoutMs: 1 })).toEqualTypeOf<Promise<ShutdownReport[]>>();
    // @ts-expect-error unknown
    void pool.shutdown({ timeout: 5 });
    // @ts-expect-error unknown
    pool.resize({ max: 5 });
  });

  test("can be used with `await using`", async () => {
    await using executor = new ThreadPoolExecutor();
    expectTypeOf(executor).toExtend<AsyncDisposable>();
    expectTypeOf(executor[Symbol.asyncDispose]).toEqualTypeOf<() => Promise<void>>();
    // @ts-expect-error it ends asynchronously
    using wrong = executor;
    void wrong;
  });

  test("statistics and reports are read-only", () => {
    const statistics = pool.statistics();
    // @ts-expect-error read-only
    statistics.pending = 1;
    // @ts-expect-error read-only
    void statistics.workers.push;
    // @ts-expect-error read-only
    statistics.workers[0]!.tasks = 1;
    const report = {} as ShutdownReport;
    // @ts-expect-error read-only
    report.killed = [];
    // @ts-expect-error read-only
    pool.name = "other";
  });

  test("the default ones have three kinds", () => {
    expectTypeOf(defaultExecutor()).toEqualTypeOf<Executor>();
    expectTypeOf(defaultExecutor).parameter(0).toEqualTypeOf<"thread" | "process" | "blocking" | undefined>();
    setDefaultExecutor(new InlineExecutor(), "blocking");
    // @ts-expect-error no such kind
    defaultExecutor("gpu");
    // @ts-expect-error not an executor
    setDefaultExecutor({ submit() {} });
  });

  test("what is inside stays inside", () => {
    const executor = new ThreadPoolExecutor();
    // @ts-expect-error internal
    void executor.dispatcher;
    // @ts-expect-error internal
    void executor.kind;
    // @ts-expect-error internal
    void executor.open;
  });
});

describe("inside a task", () => {
  test("currentTask may be undefined, and is read-only", () => {
    expectTypeOf(currentTask()).toEqualTypeOf<CurrentTask | undefined>();
    expectTypeOf<CurrentTask["signal"]>().toEqualTypeOf<AbortSignal>();
    // @ts-expect-error it may be undefined
    currentTask().throwIfAborted();
    // @ts-expect-error read-only
    currentTask()!.id = 1;
  });
});

describe("offloop/testing", () => {
  test("a clock and gates", () => {
    expectTypeOf(new FakeClock().advance(1)).toEqualTypeOf<Promise<void>>();
    expectTypeOf(gate().token).toEqualTypeOf<GateToken>();
    expectTypeOf(gate().wait()).toEqualTypeOf<Promise<void>>();
  });
});

describe("map", () => {
  test("items are what the function takes, results as awaited", () => {
    const results = pool.map((n: number) => [String(n)], [1, 2]);
    expectTypeOf(results).toEqualTypeOf<TaskStream<string[]>>();
    expectTypeOf(pool.map(async (n: number) => n, later())).toEqualTypeOf<TaskStream<number>>();
    expectTypeOf(results.next()).resolves.toEqualTypeOf<IteratorResult<string[], undefined>>();
    // @ts-expect-error numbers are not iterable
    pool.map((n: number) => n, 7);
  });
});

declare function later(): AsyncGenerator<number>;
