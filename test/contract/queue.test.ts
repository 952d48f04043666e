import os from "node:os";
import { type Executor, QueueFullError } from "offloop";
import { expect, test } from "vitest";
import { append, hold } from "../fixtures/contract/holds.mjs";
import { triple } from "../fixtures/contract/values.mjs";
import { parse } from "../fixtures/contract/throws.mjs";
import { contract, expectSum } from "./executors.ts";
import { linesOf, rejection } from "./waits.ts";

contract("the queue", ({ make, gate, file }) => {
  test("is first in, first out", async () => {
    const executor = make();
    const held = gate();
    const log = file();
    const first = executor.submit(hold, [held.token]);
    const rest = ["a", "b", "c", "d"].map((line) => executor.submit(append, [log, line]));
    await held.wait();
    expect(rest.map(({ state }) => state)).toEqual(["pending", "pending", "pending", "pending"]);
    held.open();
    await Promise.all([first, ...rest]);
    expect(linesOf(log)).toEqual(["a", "b", "c", "d"]);
  });

  test("holds maxPending tasks and refuses more", async () => {
    const executor = make({ maxPending: 2 });
    const held = gate();
    const running = executor.submit(hold, [held.token]);
    await held.wait();
    const waiting = [executor.submit(triple, [1]), executor.submit(triple, [2])];
    const refused = executor.submit(triple, [3]);
    expect(refused.state).toBe("rejected");
    const error = await rejection(refused);
    expect(error).toBeInstanceOf(QueueFullError);
    expect(error).toMatchObject({ code: "ERR_OFFLOOP_QUEUE_FULL", pending: 2, maxPending: 2 });
    expect(executor.statistics()).toMatchObject({ pending: 2, running: 1, rejected: 1, submitted: 4 });
    held.open();
    await running;
    expect(await Promise.all(waiting)).toEqual([3, 6]);
    expect(await executor.submit(triple, [4])).toBe(12);
  });

  test("has its place back when a waiting task is cancelled", async () => {
    const executor = make({ maxPending: 1 });
    const held = gate();
    const running = executor.submit(hold, [held.token]);
    await held.wait();
    executor.submit(triple, [1]).cancel();
    const taken = executor.submit(triple, [2]);
    expect(taken.state).toBe("pending");
    held.open();
    await running;
    expect(await taken).toBe(6);
  });

  test("that may hold nothing leaves the free workers", async () => {
    const executor = make({ maxPending: 0 });
    await executor.ready();
    const held = gate();
    const running = executor.submit(hold, [held.token]);
    await held.wait();
    expect(await rejection(executor.submit(triple, [1]))).toMatchObject({ pending: 0, maxPending: 0 });
    held.open();
    await running;
    expect(await executor.submit(triple, [2])).toBe(6);
  });

  test("a long one is worked off", async () => {
    const executor = make();
    const tasks = Array.from({ length: 500 }, (_, index) => executor.submit(triple, [index]));
    expect(await Promise.all(tasks)).toEqual(Array.from({ length: 500 }, (_, index) => index * 3));
  });
});

contract("statistics", ({ make, gate, kind }) => {
  const numbers = (executor: Executor): readonly number[] => {
    const statistics = executor.statistics();
    expectSum(statistics);
    const { submitted, pending, running, fulfilled, rejected, cancelled } = statistics;
    return [submitted, pending, running, fulfilled, rejected, cancelled];
  };

  test("add up in every state", async () => {
    const executor = make();
    expect(numbers(executor)).toEqual([0, 0, 0, 0, 0, 0]);
    const held = gate();
    const first = executor.submit(hold, [held.token]);
    expect(numbers(executor)).toEqual([1, 1, 0, 0, 0, 0]);
    await held.wait();
    expect(numbers(executor)).toEqual([1, 0, 1, 0, 0, 0]);
    const second = executor.submit(triple, [1]);
    const failing = executor.submit(parse, [1]);
    const cancelled = executor.submit(triple, [2]);
    expect(numbers(executor)).toEqual([4, 3, 1, 0, 0, 0]);
    cancelled.cancel();
    expect(numbers(executor)).toEqual([4, 2, 1, 0, 0, 1]);
    void executor.submit(triple, [3], { signal: AbortSignal.abort() });
    expect(numbers(executor)).toEqual([5, 2, 1, 0, 0, 2]);
    held.open();
    await Promise.allSettled([first, second, failing]);
    expect(numbers(executor)).toEqual([5, 0, 0, 2, 1, 2]);
    await executor.shutdown();
    await rejection(executor.submit(triple, [4]));
    expect(numbers(executor)).toEqual([6, 0, 0, 2, 2, 2]);
  });

  test("name what runs where", async () => {
    const executor = make({ name: "press", maxPending: 9 });
    expect(executor.name).toBe("press");
    expect(executor.statistics()).toMatchObject({ name: "press", kind, state: "running", maxPending: 9 });
    expect(executor.statistics()).toMatchObject({ maxWorkers: 1, workers: [], workersStarted: 0 });
    const held = gate();
    const task = executor.submit(hold, [held.token]);
    await held.wait();
    const [worker] = executor.statistics().workers;
    expect(worker).toMatchObject({ id: task.workerId, state: "busy", tasks: 0 });
    expect(typeof (kind === "thread" ? worker?.threadId : worker?.pid)).toBe("number");
    held.open();
    await task;
    const after = executor.statistics();
    expect(after.workers).toMatchObject([{ id: task.workerId, state: "idle", tasks: 1 }]);
    expect(after).toMatchObject({
      workersStarted: 1,
      nice: os.getPriority(),
      waitMs: { count: 1 },
      runMs: { count: 1 },
    });
    expect(after.functions).toMatchObject([{ name: "hold", calls: 1, lost: 0, runMs: { count: 1 } }]);
    expect(after.workers[0]?.activeMs).toBeGreaterThan(0);
  });

  test("are frozen and of one instant", async () => {
    const executor = make();
    await executor.submit(triple, [1]);
    const statistics = executor.statistics();
    const { workers, functions, waitMs, runMs } = statistics;
    for (const part of [statistics, workers, workers[0], functions, functions[0], waitMs, runMs]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    await executor.submit(triple, [1]);
    expect(statistics.submitted).toBe(1);
  });
});

contract("a task", ({ make, gate }) => {
  test("tells its state, its worker and its times", async () => {
    const executor = make();
    const held = gate();
    const task = executor.submit(hold, [held.token]);
    expect(task).toMatchObject({ state: "pending", workerId: undefined, name: "hold" });
    expect(Object.keys(task.timing)).toEqual(["submittedAt"]);
    await held.wait();
    expect(task.state).toBe("running");
    expect(typeof task.workerId).toBe("number");
    held.open();
    await task;
    expect(task.state).toBe("fulfilled");
    const { submittedAt, startedAt = NaN, endedAt = NaN, queuedMs, runMs } = task.timing;
    expect(startedAt).toBeGreaterThanOrEqual(submittedAt);
    expect(endedAt).toBeGreaterThanOrEqual(startedAt);
    expect(queuedMs).toBeCloseTo(startedAt - submittedAt, 3);
    expect(runMs).toBeGreaterThan(0);
    expect(Math.abs(endedAt - Date.now())).toBeLessThan(60_000);
  });

  test("is a promise whose descendants are plain ones", async () => {
    const task = make().submit(triple, [2]);
    expect(task).toBeInstanceOf(Promise);
    const next = task.then((value) => value + 1);
    expect(Object.getPrototypeOf(next)).toBe(Promise.prototype);
    expect(await next).toBe(7);
    expect(await task.finally(() => {})).toBe(6);
  });
});
