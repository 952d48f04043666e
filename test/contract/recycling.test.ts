import { expect, test } from "vitest";
import { setUp, tearDown } from "../fixtures/contract/setup.mjs";
import { triple } from "../fixtures/contract/values.mjs";
import { contract } from "./executors.ts";
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
