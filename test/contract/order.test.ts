/**
 * Which call goes where, and when: priority, key, broadcast.
 */
import { transfer } from "offloop";
import { expect, test } from "vitest";
import { append, hold } from "../fixtures/contract/holds.mjs";
import { countCalls, throwAfter, triple } from "../fixtures/contract/values.mjs";
import { apart, contract } from "./executors.ts";
import { linesOf, rejection } from "./waits.ts";

contract("priority", ({ make, gate, file }) => {
  test("what is higher leaves first", async () => {
    const [executor, held, log] = [make(), gate(), file()];
    const first = executor.submit(hold, [held.token]);
    await held.wait();
    const tasks = [0, -1, 5, 1].map((priority) =>
      executor.submit(append, [log, `${priority}`], { priority }),
    );
    held.open();
    await Promise.all([first, ...tasks]);
    expect(linesOf(log)).toEqual(["5", "1", "0", "-1"]);
  });
});

contract("key", ({ make, file, apart: isApart }) => {
  test("calls with one key run in one worker, in their order, among others", async () => {
    const executor = make({ maxWorkers: isApart ? 2 : 1 });
    const log = file();
    const tasks = Array.from({ length: 300 }, (_, n) => {
      const key = `user ${n % 3}`;
      return n % 4 === 0
        ? executor.submit(triple, [n])
        : executor.submit(append, [`${log}-${n % 3}`, `${n}`], { key, priority: n % 5 });
    });
    await Promise.all(tasks);
    for (const one of [0, 1, 2]) {
      const lines = linesOf(`${log}-${one}`).map(Number);
      expect(lines).toEqual(lines.toSorted((a, b) => a - b));
      const workers = tasks.filter((_, n) => n % 3 === one && n % 4 !== 0).map(({ workerId }) => workerId);
      expect(new Set(workers).size).toBe(1);
    }
  });
});

contract("broadcast", ({ make, gate, apart: isApart }) => {
  const size = isApart ? 2 : 1;
  test("runs once in each started worker", async () => {
    const executor = make({ minWorkers: size, maxWorkers: size });
    await executor.ready();
    expect(await executor.broadcast(countCalls)).toHaveLength(size);
    expect(await executor.broadcast(triple, 7)).toEqual(Array.from({ length: size }, () => 21));
    const { submitted, fulfilled } = executor.statistics();
    expect([submitted, fulfilled]).toEqual([2 * size, 2 * size]);
  });

  test("waits for what a worker runs", async () => {
    const [executor, held] = [make({ minWorkers: size, maxWorkers: size }), gate()];
    await executor.ready();
    const running = executor.submit(hold, [held.token]);
    await held.wait();
    const all = executor.broadcast(triple, 1);
    held.open();
    expect(await all).toEqual(Array.from({ length: size }, () => 3));
    await running;
  });

  test("tells all failures when all have ended", async () => {
    const executor = make({ minWorkers: size, maxWorkers: size });
    await executor.ready();
    const error = (await rejection(executor.broadcast(throwAfter, -1))) as AggregateError;
    expect(error).toBeInstanceOf(AggregateError);
    expect(error.errors).toHaveLength(size);
    for (const one of error.errors as unknown[]) expect(one).toBeInstanceOf(RangeError);
    expect(await executor.submit(triple, [1])).toBe(3);
  });

  test("of something that is no function, or after the shutdown", async () => {
    const executor = make();
    expect(() => executor.broadcast("triple" as never)).toThrow(TypeError);
    const bytes = new Uint8Array(1);
    expect(() => executor.broadcast(Buffer.byteLength, transfer(bytes, [bytes.buffer]))).toThrow("be moved");
    await executor.shutdown();
    expect(await rejection(executor.broadcast(triple, 1))).toMatchObject({
      code: "ERR_OFFLOOP_EXECUTOR_CLOSED",
    });
  });
});

contract(
  "broadcast of a closure",
  ({ make }) => {
    test("each worker gets what it captured", async () => {
      const executor = make({ minWorkers: 2, maxWorkers: 2 });
      await executor.ready();
      const factor = 6;
      expect(await executor.broadcast((n: number) => n * factor, 7)).toEqual([42, 42]);
    });
  },
  apart,
);
