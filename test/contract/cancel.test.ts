import { expect, test } from "vitest";
import { append, hold } from "../fixtures/contract/holds.mjs";
import { triple } from "../fixtures/contract/values.mjs";
import { apart, contract } from "./executors.ts";
import { linesOf, rejection, until } from "./waits.ts";

contract("cancelling", ({ make, gate, file, apart: endsTasks }) => {
  test("a waiting task: it never runs", async () => {
    const executor = make();
    const held = gate();
    const log = file();
    const first = executor.submit(hold, [held.token]);
    await held.wait();
    const [a, b, c] = ["a", "b", "c"].map((line) => executor.submit(append, [log, line])) as [
      ReturnType<typeof executor.submit>,
      ReturnType<typeof executor.submit>,
      ReturnType<typeof executor.submit>,
    ];
    expect(b.cancel()).toBe(true);
    expect(b.state).toBe("cancelled");
    expect(executor.statistics()).toMatchObject({ pending: 2, cancelled: 1 });
    expect(await rejection(b)).toMatchObject({ name: "AbortError" });
    held.open();
    await Promise.all([first, a, c]);
    await executor.idle();
    expect(linesOf(log)).toEqual(["a", "c"]);
  });

  test("a task whose worker is still starting", async () => {
    const executor = make();
    const log = file();
    const task = executor.submit(append, [log, "ran"]);
    expect(task.cancel()).toBe(true);
    await rejection(task);
    expect(await executor.submit(triple, [1])).toBe(3);
    expect(linesOf(log)).toEqual([]);
  });

  test("a running task: it rejects at once, and the next one runs", async () => {
    const executor = make();
    const held = gate();
    const running = executor.submit(hold, [held.token]);
    await held.wait();
    expect(running.cancel()).toBe(true);
    expect(running.state).toBe("cancelled");
    expect(executor.statistics()).toMatchObject({ running: 0, cancelled: 1, rejected: 0 });
    const next = executor.submit(triple, [1]);
    expect(await rejection(running)).toMatchObject({ name: "AbortError" });
    if (!endsTasks) held.open();
    expect(await next).toBe(3);
    // Where it could be ended, it was: at a gate that never opened, in a worker that is no more.
    expect(next.workerId === running.workerId).toBe(!endsTasks);
    await until(() => executor.statistics().workers.length === 1);
  });

  test("a settled task: too late, and nothing changes", async () => {
    const executor = make();
    const task = executor.submit(triple, [1]);
    expect(await task).toBe(3);
    expect(task.cancel(new Error("late"))).toBe(false);
    expect(task.state).toBe("fulfilled");
    const cancelled = executor.submit(triple, [1]);
    expect([cancelled.cancel("first"), cancelled.cancel("second")]).toEqual([true, false]);
    expect(await rejection(cancelled)).toBe("first");
    expect(executor.statistics()).toMatchObject({ fulfilled: 1, cancelled: 1 });
  });

  test("with a reason rejects with that very reason", async () => {
    const executor = make();
    const reason = { because: "of a test" };
    const waiting = executor.submit(triple, [1]);
    waiting.cancel(reason);
    expect(await rejection(waiting)).toBe(reason);
    const held = gate();
    const running = executor.submit(hold, [held.token]);
    await held.wait();
    running.cancel(reason);
    expect(await rejection(running)).toBe(reason);
  });

  test("without one rejects with the platform's AbortError", async () => {
    const task = make().submit(triple, [1]);
    task.cancel();
    const error = await rejection(task);
    expect(error).toBeInstanceOf(DOMException);
    expect(error).toMatchObject({ name: "AbortError", code: DOMException.ABORT_ERR });
  });

  test("all of many", async () => {
    const executor = make();
    const log = file();
    const tasks = Array.from({ length: 100 }, () => executor.submit(append, [log, "ran"]));
    for (const task of tasks.reverse()) expect(task.cancel()).toBe(true);
    await executor.idle();
    expect(executor.statistics()).toMatchObject({ submitted: 100, cancelled: 100, pending: 0 });
    expect(await executor.submit(triple, [1])).toBe(3);
    expect(linesOf(log)).toEqual([]);
  });
});

contract(
  "ending running tasks",
  ({ make, gate }) => {
    test("leaves the other worker alone", async () => {
      const executor = make({ maxWorkers: 2 });
      const [one, two] = [gate(), gate()];
      const cancelled = executor.submit(hold, [one.token]);
      const other = executor.submit(hold, [two.token]);
      await Promise.all([one.wait(), two.wait()]);
      cancelled.cancel();
      await rejection(cancelled);
      expect(other.state).toBe("running");
      two.open();
      await other;
      expect(executor.statistics()).toMatchObject({ fulfilled: 1, cancelled: 1, workersLost: 0 });
    });

    test("again and again replaces the worker each time", async () => {
      const executor = make();
      for (let round = 0; round < 3; round++) {
        const held = gate();
        const task = executor.submit(hold, [held.token]);
        await held.wait();
        task.cancel();
        await rejection(task);
      }
      expect(await executor.submit(triple, [1])).toBe(3);
      expect(executor.statistics()).toMatchObject({ workersStarted: 4, workersLost: 0, cancelled: 3 });
    });
  },
  apart,
);
