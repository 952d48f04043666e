import { ExecutorClosedError, type MapOptions, QueueFullError } from "offloop";
import { describe, expect, test } from "vitest";
import { hold } from "../fixtures/contract/holds.mjs";
import {
  describeBytes,
  halve,
  OddError,
  someBytes,
  square,
  squareLater,
} from "../fixtures/contract/maps.mjs";
import { stateOf } from "../promises.ts";
import { contract } from "./executors.ts";
import { all, untilError } from "./waits.ts";

const numbers = (length: number): number[] => Array.from({ length }, (_, n) => n);
const squares = (length: number): number[] => numbers(length).map((n) => n ** 2);

/** Items that note what was taken of them, and whether they were closed. */
function noting(length = Infinity) {
  const seen = { taken: 0, closed: 0 };
  function* items(): Generator<number> {
    try {
      while (seen.taken < length) yield seen.taken++;
    } finally {
      seen.closed++;
    }
  }
  return { seen, items: items() };
}

async function* later<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) yield item;
}

contract("map", ({ make, shared, gate }) => {
  describe.each<[string, MapOptions]>([
    ["one call for each item", {}],
    ["chunks", { chunkSize: 7 }],
    ["one at a time", { concurrency: 1 }],
    ["all at once", { concurrency: Infinity }],
  ])("%s", (_title, options) => {
    test("gives the results in the order of the items", async () => {
      expect(await all(shared().map(square, numbers(100), options))).toEqual(squares(100));
      expect(await all(shared().map(squareLater, new Set(numbers(20)), options))).toEqual(squares(20));
    });

    test("takes async items", async () => {
      expect(await all(shared().map(square, later(numbers(50)), options))).toEqual(squares(50));
    });

    test("gives them as they become ready when told so", async () => {
      const results = await all(shared().map(square, numbers(50), { ...options, ordered: false }));
      expect(results.sort((a, b) => a - b)).toEqual(squares(50));
    });

    test("nothing gives nothing", async () => {
      expect(await all(shared().map(square, [], options))).toEqual([]);
      expect(await all(shared().map(square, later([]), options))).toEqual([]);
    });

    test("ends at the first error, after the results before it", async () => {
      const { seen, items } = noting(100);
      const [read, error] = await untilError(shared().map(halve, evenUntil(12, items), options));
      expect(read).toEqual([0, 1, 2, 3, 4, 5]);
      expect(error).toBeInstanceOf(OddError);
      expect(error).toMatchObject({ message: "1 is odd", n: 1 });
      expect(seen.closed).toBe(1);
      expect(await shared().submit(square, [3])).toBe(9);
    });

    test("collects errors when told so", async () => {
      const outcomes = await all(shared().map(halve, [2, 1, 4], { ...options, errors: "collect" }));
      expect(outcomes).toMatchObject([
        { status: "fulfilled", value: 1 },
        { status: "rejected", reason: { n: 1 } },
        { status: "fulfilled", value: 2 },
      ]);
    });

    test("an error of the items comes after the results of those before it", async () => {
      function* failing(): Generator<number> {
        yield* [1, 2, 3];
        throw new Error("no more");
      }
      for (const items of [failing(), later(failing())]) {
        const [read, error] = await untilError(shared().map(square, items, options));
        expect([read, (error as Error).message]).toEqual([[1, 4, 9], "no more"]);
      }
    });

    test("Buffers stay Buffers, both ways", async () => {
      const part = Buffer.from("0123456789").subarray(2, 5);
      expect(await all(shared().map(describeBytes, [part], options))).toEqual([[true, 3, 3]]);
      const [bytes] = await all(shared().map(someBytes, [3], options));
      expect([Buffer.isBuffer(bytes), String(bytes)]).toEqual([true, "xxx"]);
    });

    test("tells how far it is", async () => {
      const told: object[] = [];
      const onProgress = (progress: object): void => void told.push(progress);
      await all(shared().map(square, numbers(3), { ...options, onProgress }));
      await all(shared().map(square, later([1]), { ...options, onProgress }));
      expect(told).toEqual([
        { done: 1, total: 3 },
        { done: 2, total: 3 },
        { done: 3, total: 3 },
        { done: 1 },
      ]);
    });
  });

  test("takes nothing before it is read, and then so much as it was told to hold", async () => {
    const { seen, items } = noting();
    const results = shared().map(square, items, { concurrency: 3 });
    await shared().idle();
    expect(seen.taken).toBe(0);
    expect(await results.next()).toEqual({ done: false, value: 0 });
    await shared().idle();
    expect(seen.taken).toBeLessThanOrEqual(7);
    expect(await results.next()).toEqual({ done: false, value: 1 });
    await results.return();
    expect(seen.closed).toBe(1);
  });

  test("leaving the loop cancels what runs and closes the items", async () => {
    const executor = make();
    const { seen, items } = noting();
    for await (const result of executor.map(square, items)) if (result === 9) break;
    expect(seen.closed).toBe(1);
    await executor.idle();
    expect(executor.statistics()).toMatchObject({ pending: 0, running: 0 });
  });

  test("a reader that waits gets the reason of a cancel, once", async () => {
    const executor = make();
    const held = gate();
    const results = executor.map(hold, [held.token]);
    const [first, second] = [results.next(), results.next()];
    const why = new Error("enough");
    const rejected = expect(first).rejects.toBe(why);
    await held.wait();
    results.cancel(why);
    held.open();
    await rejected;
    expect([await second, await results.next()]).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
  });

  test("cancel drops what is ready, and rejects as platforms do", async () => {
    const results = shared().map(square, numbers(10));
    await results.next();
    await shared().idle();
    results.cancel();
    await expect(results.next()).rejects.toMatchObject({ name: "AbortError" });
    expect((await results.next()).done).toBe(true);
  });

  test("a signal does the same, also before the start", async () => {
    const held = gate();
    const controller = new AbortController();
    const results = shared().map(hold, [held.token], { signal: controller.signal });
    const first = results.next();
    const rejected = expect(first).rejects.toBe("gone");
    await held.wait();
    controller.abort("gone");
    held.open();
    await rejected;
    const { seen, items } = noting();
    const late = shared().map(square, items, { signal: controller.signal });
    await expect(late.next()).rejects.toBe("gone");
    expect(seen.taken).toBe(0);
  });

  test("a reader that waits for an item that never comes can leave", async () => {
    const never: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
    };
    const results = shared().map(square, never);
    const first = results.next();
    expect(await stateOf(first)).toBe("pending");
    await results.return();
    expect(await first).toEqual({ done: true, value: undefined });
  });

  test("an error in onProgress ends it", async () => {
    const error = new Error("no");
    const onProgress = (): never => {
      throw error;
    };
    await expect(all(shared().map(square, numbers(10), { onProgress }))).rejects.toBe(error);
  });

  test("a shutdown ends it", async () => {
    const executor = make();
    const { seen, items } = noting();
    const results = executor.map(square, items, { concurrency: 2 });
    await results.next();
    await executor.shutdown();
    const [, error] = await untilError(results);
    expect(error).toBeInstanceOf(ExecutorClosedError);
    expect(seen.closed).toBe(1);
  });

  test("is a stream of node:stream when asked", async () => {
    const readable = shared().map(square, numbers(5)).toReadable();
    expect(await readable.toArray()).toEqual(squares(5));
    const { seen, items } = noting();
    const endless = shared().map(square, items).toReadable();
    for await (const result of endless) if (result === 4) break;
    expect(seen.closed).toBe(1);
  });

  test.each<[unknown, unknown, object, string]>([
    ["x", [], {}, "fn must be a function, got string"],
    [square, 7, {}, "items must be an iterable or an async iterable, got 7"],
    [square, null, {}, "got null"],
    [square, [], { concurrency: 0 }, 'option "concurrency" must be at least 1'],
    [square, [], { chunkSize: 1.5 }, 'option "chunkSize" must be a whole number'],
    [square, [], { chunkSize: "big" }, 'option "chunkSize"'],
    [square, [], { errors: "ignore" }, 'option "errors" must be "throw" or "collect"'],
    [square, [], { parallel: 3 }, 'unknown option "parallel"'],
  ])("refuses %o over %o with %o", (fn, items, options, message) => {
    expect(() => shared().map(fn as never, items as never, options)).toThrow(message);
  });

  test("refuses a task: an await was forgotten", async () => {
    const task = shared().submit(square, [2]);
    expect(() => shared().map(square, task as never)).toThrow("items must be an iterable");
    expect(await task).toBe(4);
  });

  describe("where others fill the executor", () => {
    /** All workers and all places are taken until the gate opens. */
    async function filled() {
      const executor = make({ maxPending: 1 });
      const held = gate();
      const running = executor.submit(hold, [held.token]);
      await held.wait();
      const waiting = executor.submit(square, [7]);
      return { executor, open: () => (held.open(), Promise.all([running, waiting])) };
    }

    test("waits for room", async () => {
      const { executor, open } = await filled();
      const results = all(executor.map(square, numbers(20), { concurrency: 3 }));
      await expect(executor.submit(square, [1])).rejects.toBeInstanceOf(QueueFullError);
      await open();
      expect(await results).toEqual(squares(20));
    });

    test("calls nothing any more when it is cancelled meanwhile", async () => {
      const { executor, open } = await filled();
      const results = executor.map(square, numbers(20));
      const first = results.next();
      await expect(executor.submit(square, [1])).rejects.toBeInstanceOf(QueueFullError);
      results.cancel();
      await expect(first).rejects.toMatchObject({ name: "AbortError" });
      await open();
      await executor.idle();
      expect(executor.statistics().fulfilled).toBe(2);
    });

    test("fails when the executor closes meanwhile", async () => {
      const { executor, open } = await filled();
      const first = executor.map(square, numbers(20)).next();
      await expect(executor.submit(square, [1])).rejects.toBeInstanceOf(QueueFullError);
      const closing = executor.shutdown();
      await expect(first).rejects.toBeInstanceOf(ExecutorClosedError);
      await open();
      await closing;
    });
  });
});

/** Even numbers, then an odd one, then even ones without end. */
function* evenUntil(limit: number, items: Iterable<number>): Generator<number> {
  for (const n of items) yield n * 2 === limit ? 1 : n * 2;
}
