import { expect, test } from "vitest";
import { setUp, tearDown } from "../fixtures/contract/setup.mjs";
import { triple } from "../fixtures/contract/values.mjs";
import { keep } from "../fixtures/contract/hungry.mjs";
import { apart, contract } from "./executors.ts";
import { linesOf } from "./waits.ts";

contract("maxTasksPerWorker", ({ make, file }) => {
  test("gives every so many tasks a new worker, each with initializer and finalizer", async () => {
    const log = file();
    const hooks = { initializer: setUp, initializerArgs: [log], finalizer: tearDown };
    const executor = make({ maxTasksPerWorker: 3, ...hooks });
    const tasks = Array.from({ length: 7 }, (_, n) => executor.submit(triple, [n]));
    expect(await Promise.all(tasks)).toEqual([0, 3, 6, 9, 12, 15, 18]);
    expect(tasks.map(({ workerId }) => workerId)).toEqual([1, 1, 1, 2, 2, 2, 3]);
    expect(executor.statistics()).toMatchObject({ workersRecycled: 2, workersStarted: 3, workersLost: 0 });
    await executor.shutdown();
    expect(linesOf(log).filter((line) => line === "torn down")).toHaveLength(3);
  });
});

contract(
  "maxWorkerMemoryBytes",
  ({ make }) => {
    test("gives a worker that takes more another's place, between two tasks", async () => {
      const limit = 400 * 2 ** 20;
      const executor = make({ maxWorkerMemoryBytes: limit });
      for (let n = 0; n < 3; n++) expect(await executor.submit(keep, [2 ** 10])).toBe(n + 1);
      const [worker] = executor.statistics().workers;
      expect(worker!.memoryBytes).toBeGreaterThan(2 ** 20);
      expect(worker!.memoryBytes).toBeLessThan(limit);
      expect(await executor.submit(keep, [limit])).toBe(4);
      expect(await executor.submit(keep, [1])).toBe(1);
      expect(executor.statistics()).toMatchObject({ workersRecycled: 1, workersLost: 0, lost: 0 });
    });
  },
  apart,
);
