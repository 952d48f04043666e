import { once } from "node:events";
import {
  type Executor,
  ExecutorClosedError,
  QueueFullError,
  SerializationError,
  TaskTimeoutError,
  type TaskStream,
  WorkerLostError,
} from "offloop";
import { describe, expect, test } from "vitest";
import { exit } from "../fixtures/contract/exits.mjs";
import { hold } from "../fixtures/contract/holds.mjs";
import {
  bytes,
  changing,
  count,
  countLater,
  exitAfter,
  hangsAtLast,
  hangAt,
  heldAfterFirst,
  listening,
  listOf,
  loopAt,
  noting,
  notingLater,
  notIterable,
  notResults,
  notResultsLater,
  OddError,
  promisedSet,
  promises,
  readHere,
  spinAfter,
  taskIds,
  throwAfter,
  throwLaterAfter,
  throwsInFinally,
  uncloneableAfter,
  withArguments,
} from "../fixtures/contract/streams.mjs";
import { triple } from "../fixtures/contract/values.mjs";
import { FakeClock } from "offloop/testing";
import { apart, contract, expectSum } from "./executors.ts";
import { all, linesOf, rejection, turn, until, untilError } from "./waits.ts";

async function some<T>(items: TaskStream<T>, most: number): Promise<T[]> {
  const read: T[] = [];
  while (read.length < most) {
    const { done, value } = await items.next();
    if (done === true) break;
    read.push(value);
  }
  return read;
}

const numbers = (length: number): number[] => listOf(length);
const rested = (executor: Executor): boolean =>
  executor.statistics().workers.every(({ state }) => state === "idle");

contract("streams", ({ make, shared, gate, file, kind }) => {
  describe.each([
    ["a generator function", count],
    ["an async one", countLater],
    ["a function that gives a list", listOf],
    ["one that promises a set", promisedSet],
    ["a generator of promises", promises],
  ])("%s", (_title, fn) => {
    test.each([0, 1, 63, 64, 65, 1_000])("gives its %i items in order", async (length) => {
      expect(await all(shared().stream(fn as typeof count, [length]))).toEqual(numbers(length));
    });

    test.each([1, 2, 7, 1_000_000])("with a window of %i", async (window) => {
      expect(await all(shared().stream(fn as typeof count, [200], { window }))).toEqual(numbers(200));
    });
  });

  test("reads may be ahead of the items", async () => {
    const stream = shared().stream(countLater, [5]);
    const reads = Array.from({ length: 7 }, () => stream.next());
    expect((await Promise.all(reads)).map(({ value }) => value as unknown)).toEqual([
      0,
      1,
      2,
      3,
      4,
      undefined,
      undefined,
    ]);
  });

  test("nothing runs before the first read", async () => {
    const executor = make();
    const path = file();
    const stream = executor.stream(noting, [path]);
    await executor.submit(triple, [1]);
    expect([linesOf(path), executor.statistics().submitted]).toEqual([[], 1]);
    await stream.return();
  });

  test("rests at the window, in a worker that does other work, and goes on", async () => {
    const executor = make();
    const path = file();
    const stream = executor.stream(noting, [path], { window: 10 });
    expect(await some(stream, 1)).toEqual([0]);
    await until(() => linesOf(path).length >= 10 && rested(executor));
    expect(linesOf(path).length).toBeLessThanOrEqual(11);
    expect(await executor.submit(triple, [14])).toBe(42);
    expect(executor.statistics()).toMatchObject({ submitted: 2, pending: 0, running: 1, fulfilled: 1 });
    expectSum(executor.statistics());
    expect(await some(stream, 100)).toEqual(numbers(101).slice(1));
    await stream.return();
    expect(executor.statistics()).toMatchObject({ submitted: 2, running: 0, cancelled: 1 });
  });

  test("slow readers leave the executor to others", async () => {
    const executor = make();
    const streams = Array.from({ length: 8 }, () => executor.stream(count, [1e9]));
    for (const stream of streams) expect(await some(stream, 1)).toEqual([0]);
    expect(await Promise.all(numbers(100).map((n) => executor.submit(triple, [n])))).toHaveLength(100);
    for (const stream of streams) expect(await some(stream, 100)).toEqual(numbers(101).slice(1));
    for (const stream of streams) await stream.return();
  });

  test("fast readers leave it to others, too", async () => {
    const executor = make();
    const streams = Array.from({ length: 3 }, () => executor.stream(count, [Infinity]));
    let isOver = false;
    const reading = streams.map(async (stream) => {
      for await (const _item of stream) if (isOver) break;
    });
    for (const n of numbers(50)) expect(await executor.submit(triple, [n])).toBe(n * 3);
    isOver = true;
    await Promise.all(reading);
  });

  test.each([
    ["a generator", noting],
    ["an async one", notingLater],
  ])("leaving the loop runs the finally of %s before the loop is left", async (_title, fn) => {
    const path = file();
    for await (const item of shared().stream(fn as (path: string) => Iterable<number>, [path])) {
      if (item === 5) break;
    }
    expect(linesOf(path).at(-1)).toBe("finally");
  });

  test("an error in the loop's body runs the finally, and is the one that is seen", async () => {
    const path = file();
    const body = async (): Promise<void> => {
      for await (const item of shared().stream(throwsInFinally, [path])) {
        if (item === 5) throw new Error("mine");
      }
    };
    expect(await rejection(body())).toMatchObject({ message: "mine" });
    expect(linesOf(path)).toEqual(["finally"]);
  });

  test("return() tells what the finally throws", async () => {
    const stream = shared().stream(throwsInFinally, [file()]);
    await stream.next();
    expect(await rejection(stream.return())).toMatchObject({ message: "in the end" });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  test.each([0, 1, 20, 1_000])("an error comes after the %i items before it, as itself", async (items) => {
    for (const fn of [throwAfter, throwLaterAfter]) {
      const [read, error] = await untilError(shared().stream(fn as typeof throwAfter, [items]));
      expect(read).toEqual(numbers(items));
      expect(error).toBeInstanceOf(OddError);
      expect(error).toMatchObject({ message: "odd", odd: true });
    }
  });

  test.each([0, 30])("what cannot be copied is named, after %i items", async (items) => {
    const [read, error] = await untilError(shared().stream(uncloneableAfter, [items]));
    expect(read).toEqual(numbers(items));
    expect(error).toBeInstanceOf(SerializationError);
    expect(error).toMatchObject({ direction: "item", path: "item.rows[0].parse" });
  });

  test("items are copied when they are made", async () => {
    const items = await all(shared().stream(changing, [50]));
    expect(items.map(({ n, bytes: [byte] }) => [n, byte])).toEqual(numbers(50).map((n) => [n, n]));
  });

  test("binary items come as what they are, and move when marked", async () => {
    const [small, large, view, five, moved, left] = await all(
      shared().stream(bytes as () => Iterable<Uint8Array>, []),
    );
    expect([Buffer.isBuffer(small), String(small)]).toEqual([true, "small"]);
    expect([Buffer.isBuffer(large), large!.length, large![99_999]]).toEqual([true, 100_000, 7]);
    expect([view!.buffer.byteLength, ...view!]).toEqual([2, 2, 3]);
    expect(five).toBe(5);
    expect([...moved!]).toEqual(Array.from({ length: 10 }, () => 3));
    expect(left).toBe(kind === "process" ? 10 : 0);
  });

  test("arguments travel as those of calls", async () => {
    const base = 10;
    const items = await all(shared().stream(withArguments, [Buffer.from([1, 2]), (n) => n + base]));
    expect(items).toEqual([true, 11, 12]);
    const error = await rejection(all(shared().stream(count, [(async () => 1)() as never])));
    expect(error).toMatchObject({ direction: "argument", path: "args[0]" });
  });

  test("a closure is streamed", async () => {
    const step = 3;
    const stream = shared().stream(function* () {
      for (let n = 0; n < 9; n += step) yield n;
    }, []);
    expect(await all(stream)).toEqual([0, 3, 6]);
  });

  test("something that cannot be iterated", async () => {
    expect(await rejection(all(shared().stream(notIterable, [])))).toBeInstanceOf(TypeError);
  });

  test.each([notResults, notResultsLater])("an iterator whose results are none (%o)", async (fn) => {
    const error = await rejection(all(shared().stream(fn, [])));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: expect.stringContaining("is not an object") as string });
  });

  test("cancel() drops what is ready and rejects the next read", async () => {
    const path = file();
    const executor = make();
    const stream = executor.stream(noting, [path]);
    await stream.next();
    stream.cancel(new Error("enough"));
    expect(await rejection(stream.next())).toMatchObject({ message: "enough" });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    await executor.idle();
    expect(linesOf(path).at(-1)).toBe("finally");
    expect(executor.statistics()).toMatchObject({ cancelled: 1, workersLost: 0 });
  });

  test("cancel() without a reason is an AbortError; before the first read nothing runs", async () => {
    const executor = make();
    const stream = executor.stream(count, [5]);
    stream.cancel();
    expect(await rejection(stream.next())).toMatchObject({ name: "AbortError" });
    expect(executor.statistics().submitted).toBe(0);
  });

  test("an aborted signal ends it with its reason", async () => {
    const controller = new AbortController();
    const stream = shared().stream(count, [Infinity], { signal: controller.signal });
    await stream.next();
    const reason = { my: "reason" };
    controller.abort(reason);
    expect(await rejection(stream.next())).toBe(reason);
    const late = shared().stream(count, [5], { signal: controller.signal });
    expect(await rejection(late.next())).toBe(reason);
  });

  test("a function that waits is told to end, and is one task in all of its turns", async () => {
    const path = file();
    const stream = shared().stream(listening, [path]);
    expect(await some(stream, 1)).toEqual(["first"]);
    await until(() => linesOf(path).length > 0);
    await stream.return();
    expect(linesOf(path)).toEqual(["waiting", "told"]);
    expect(new Set(await all(shared().stream(taskIds, []))).size).toBe(1);
  });

  test("asyncDispose ends it", async () => {
    const path = file();
    const stream = shared().stream(noting, [path]);
    await stream.next();
    await stream[Symbol.asyncDispose]();
    expect(linesOf(path).at(-1)).toBe("finally");
  });

  test("toReadable()", async () => {
    const read: unknown[] = [];
    for await (const item of shared().stream(countLater, [100]).toReadable()) read.push(item);
    expect(read).toEqual(numbers(100));
    const path = file();
    const readable = shared().stream(noting, [path]).toReadable();
    await once(readable, "readable");
    readable.destroy();
    await until(() => linesOf(path).at(-1) === "finally");
  });

  test("an item is here before the next one is", async () => {
    const held = gate();
    const stream = shared().stream(heldAfterFirst, [held.token]);
    expect(await some(stream, 1)).toEqual(["first"]);
    held.open();
    expect(await some(stream, 5)).toEqual(["second"]);
  });

  test("waits for room where the executor is full", async () => {
    const executor = make({ maxPending: 1 });
    const held = gate();
    const running = executor.submit(hold, [held.token]);
    await held.wait();
    const waiting = executor.submit(triple, [1]);
    expect(await rejection(executor.submit(triple, [1]))).toBeInstanceOf(QueueFullError);
    const items = all(executor.stream(count, [100]));
    held.open();
    expect(await items).toEqual(numbers(100));
    await Promise.all([running, waiting]);
  });

  test("queueTimeoutMs is for the start", async () => {
    const clock = new FakeClock();
    const executor = make({ clock });
    const held = gate();
    const running = executor.submit(hold, [held.token]);
    await held.wait();
    const failure = rejection(executor.stream(count, [5], { queueTimeoutMs: 20 }).next());
    await clock.advance(20);
    const error = await failure;
    expect(error).toBeInstanceOf(TaskTimeoutError);
    expect(error).toMatchObject({ phase: "queued" });
    held.open();
    await running;
    expect(executor.statistics()).toMatchObject({ rejected: 1, pending: 0 });
  });

  test("timeoutMs is for each item, after the items before it", async () => {
    const clock = new FakeClock();
    const executor = make({ clock, stacks: false });
    const held = gate();
    // The first sixteen come one by one: the turn in which it hangs has begun when it is at the gate.
    const stream = executor.stream(hangAt, [10, held.token], { timeoutMs: 500 });
    expect(await some(stream, 5)).toEqual(numbers(5));
    await held.wait();
    held.open();
    // What is read late counts for nobody.
    await clock.advance(499);
    expect(await some(stream, 5)).toEqual(numbers(10).slice(5));
    const failure = rejection(stream.next());
    await clock.advance(1);
    const error = await failure;
    expect(error).toBeInstanceOf(TaskTimeoutError);
    expect(error).toMatchObject({ timeoutMs: 500, phase: "running" });
    expect(executor.statistics()).toMatchObject({ rejected: 1, timedOut: 1 });
  });

  test("a shutdown waits for the reader", async () => {
    const executor = make();
    const stream = executor.stream(count, [1_000]);
    expect(await some(stream, 1)).toEqual([0]);
    const down = executor.shutdown({ timeoutMs: Infinity });
    expect(await all(stream)).toEqual(numbers(1_000).slice(1));
    expect(await down).toMatchObject({ finished: 1, killed: [], timedOut: false });
    expect(await rejection(executor.stream(count, [1]).next())).toBeInstanceOf(ExecutorClosedError);
  });

  test("a shutdown whose time is up ends it, at rest or not", async () => {
    const executor = make();
    const path = file();
    const stream = executor.stream(noting, [path], { name: "resting" });
    expect(await some(stream, 1)).toEqual([0]);
    await until(() => rested(executor));
    const report = await executor.shutdown({ timeoutMs: 0 });
    expect(report).toMatchObject({ timedOut: true, cancelled: [], killed: [{ name: "resting" }] });
    const [read, error] = await untilError(stream);
    expect(read.length).toBeGreaterThan(0);
    expect(error).toBeInstanceOf(ExecutorClosedError);
    expect(error).toMatchObject({ killed: true });
  });

  test("idle() waits for its end", async () => {
    const executor = make();
    const stream = executor.stream(count, [100]);
    await stream.next();
    let isIdle = false;
    const idle = executor.idle().then(() => (isIdle = true));
    await executor.submit(triple, [1]);
    expect(isIdle).toBe(false);
    await stream.return();
    await idle;
  });

  test("idle() does not wait for one of which nothing is read for 10 seconds; it can be read on", async () => {
    const clock = new FakeClock();
    const executor = make({ clock });
    const path = file();
    const stream = executor.stream(noting, [path], { window: 4 });
    expect(await some(stream, 1)).toEqual([0]);
    await until(() => linesOf(path).length === 5 && rested(executor));
    let isIdle = false;
    const idle = executor.idle().then(() => (isIdle = true));
    await clock.advance(9_000);
    expect(await some(stream, 4)).toEqual([1, 2, 3, 4]);
    await until(() => linesOf(path).length === 9 && rested(executor));
    await clock.advance(10_000);
    await turn();
    expect(isIdle).toBe(false);
    await clock.advance(1_000);
    await idle;
    expect(await some(stream, 1)).toEqual([5]);
    expect(executor.statistics()).toMatchObject({ running: 1, cancelled: 0 });
    await stream.return();
  });

  test.each(["abandon", "terminate"] as const)(
    "a finally that never ends does not hold idle(), onCancel %s",
    async (onCancel) => {
      const clock = new FakeClock();
      const executor = make({ clock, cancelGraceMs: 20 });
      const path = file();
      const stream = executor.stream(hangsAtLast, [path], { window: 4, onCancel });
      expect(await some(stream, 1)).toEqual([0]);
      await until(() => linesOf(path).length === 5 && rested(executor));
      const closed = stream.return();
      const idle = executor.idle();
      await until(() => linesOf(path).at(-1) === "finally");
      await clock.advance(20);
      await Promise.all([closed, idle]);
      expect(executor.statistics()).toMatchObject({ cancelled: 1, running: 0 });
      // Nobody ends a worker for what was abandoned.
      const stays = onCancel === "abandon" || kind === "inline";
      if (stays) expect(executor.statistics().workers).toMatchObject([{ state: "busy" }]);
      else await until(() => executor.statistics().workers.length === 0);
    },
  );

  test("counts as one task of its worker, which stays until it ends", async () => {
    const executor = make({ maxTasksPerWorker: 2 });
    const stream = executor.stream(count, [300]);
    await stream.next();
    for (const n of [1, 2, 3]) expect(await executor.submit(triple, [n])).toBe(n * 3);
    expect(executor.statistics()).toMatchObject({ workersStarted: 1, workersRecycled: 0 });
    expect(await all(stream)).toEqual(numbers(300).slice(1));
    expect(await executor.submit(triple, [1])).toBe(3);
    expect(executor.statistics()).toMatchObject({ workersRecycled: 1, submitted: 5, fulfilled: 5 });
  });

  test("inside of a task it is read in place", async () => {
    expect(await shared().submit(readHere, [100])).toEqual(numbers(100));
  });

  test.each([0, -1, 1.5, NaN, "64"])("a window of %s is refused", (window) => {
    expect(() => shared().stream(count, [1], { window: window as number })).toThrow(
      /option "window" must be/,
    );
  });

  test("bad input throws at once", () => {
    expect(() => shared().stream(42 as never, [])).toThrow(TypeError);
    expect(() => shared().stream(count, 42 as never)).toThrow(TypeError);
    expect(() => shared().stream(count, [1], { windows: 5 } as never)).toThrow(/unknown option "windows"/);
  });
});

contract(
  "streams, apart",
  ({ make, file, gate }) => {
    test.each([0, 1, 3, 16])("a worker that dies after %i items is told after them", async (items) => {
      const executor = make();
      const [read, error] = await untilError(executor.stream(exitAfter, [items, 3]));
      expect(read).toEqual(numbers(items));
      expect(error).toBeInstanceOf(WorkerLostError);
      expect(error).toMatchObject({ exitCode: 3, attempts: 1, phase: "running" });
      expect(executor.statistics()).toMatchObject({ rejected: 1, submitted: 1, lost: 1 });
    });

    test("a worker that dies while the stream rests: what is here is read first", async () => {
      const executor = make();
      const stream = executor.stream(count, [1e9], { window: 20 });
      expect(await some(stream, 1)).toEqual([0]);
      await until(() => rested(executor));
      expect(await rejection(executor.submit(exit, [5]))).toBeInstanceOf(WorkerLostError);
      const [read, error] = await untilError(stream);
      expect(read).toEqual(numbers(read.length + 1).slice(1));
      expect(read.length).toBeGreaterThan(0);
      expect(error).toMatchObject({ code: "ERR_OFFLOOP_WORKER_LOST", exitCode: 5 });
    });

    test("endless work between two items is ended by its time limit", async () => {
      const clock = new FakeClock();
      const executor = make({ clock, stacks: false });
      const held = gate();
      const stream = executor.stream(loopAt, [3, held.token], { timeoutMs: 300 });
      await stream.next();
      await held.wait();
      held.open();
      await clock.advance(300);
      expect(await untilError(stream)).toEqual([[1, 2], expect.any(TaskTimeoutError)]);
      expect(await executor.submit(triple, [1])).toBe(3);
    });

    test("leaving ends work that does not end by itself, after its grace", async () => {
      const clock = new FakeClock();
      const executor = make({ clock, cancelGraceMs: 20 });
      for (const [lost, fn] of [loopAt, hangAt].entries()) {
        const held = gate();
        const stream = executor.stream(fn as typeof loopAt, [3, held.token]);
        expect(await some(stream, 3)).toEqual([0, 1, 2]);
        await held.wait();
        held.open();
        const closed = stream.return();
        await clock.advance(19);
        expect(executor.statistics().workers).toMatchObject([{ id: lost + 1, state: "busy" }]);
        await clock.advance(1);
        await closed;
        await until(() => executor.statistics().workers.length === 0);
      }
      expect(await executor.submit(triple, [1])).toBe(3);
    });

    test("it is run again until the first items are here", async () => {
      const executor = make();
      const path = file();
      const stream = executor.stream(
        function* (at: string) {
          const { appendFileSync, readFileSync } = process.getBuiltinModule("node:fs");
          appendFileSync(at, "run\n");
          if (readFileSync(at, "utf8").length < 8) process.exit(1);
          yield "once";
          process.exit(2);
        },
        [path],
        { retry: { attempts: 5, on: "crash" } },
      );
      const [read, error] = await untilError(stream);
      expect(read).toEqual(["once"]);
      expect(error).toMatchObject({ exitCode: 2 });
      expect(linesOf(path)).toEqual(["run", "run"]);
    });

    test("an executor that ends without a limit waits for who reads, and 10 seconds for who does not", async () => {
      const clock = new FakeClock();
      const executor = make({ clock });
      const [read, unread] = [executor.stream(count, [1_000]), executor.stream(count, [1_000])];
      await read.next();
      await unread.next();
      await until(() => rested(executor));
      const closed = executor[Symbol.asyncDispose]();
      for (let n = 1; n < 30; n++) {
        expect((await read.next()).value).toBe(n);
        await clock.advance(9_000);
        // The end of a stream takes real time, and has a limit on this clock.
        await until(() => rested(executor));
      }
      await read.return();
      await closed;
      expect(await rejection(all(unread))).toBeInstanceOf(ExecutorClosedError);
    });

    test("with onCancel abandon nobody waits for a function that does not come back", async () => {
      const executor = make();
      const stream = executor.stream(spinAfter, [3], { onCancel: "abandon" });
      expect(await some(stream, 3)).toEqual([0, 1, 2]);
      const next = stream.next();
      await until(() => !rested(executor));
      await stream.return();
      expect((await next).done).toBe(true);
      await executor.idle();
    });

    test("a resting stream keeps its worker from ending for idleness", async () => {
      const clock = new FakeClock();
      const executor = make({ clock, idleTimeoutMs: 1_000, maxWorkers: 2 });
      const path = file();
      const stream = executor.stream(noting, [path, 9], { window: 4 });
      expect(await some(stream, 1)).toEqual([0]);
      await until(() => linesOf(path).length === 5 && rested(executor));
      await clock.advance(60_000);
      expect(executor.statistics().workers).toMatchObject([{ id: 1, state: "idle" }]);
      expect(await all(stream)).toEqual(numbers(9).slice(1));
      await clock.advance(999);
      expect(executor.statistics().workers).toHaveLength(1);
      await clock.advance(1);
      await until(() => executor.statistics().workers.length === 0);
    });
  },
  apart,
);
