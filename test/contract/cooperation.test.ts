import { FakeClock } from "offloop/testing";
import { expect, test } from "vitest";
import {
  holdDeaf,
  holdThenLook,
  loopUntilStopped,
  waitUntilStopped,
  whoAmI,
} from "../fixtures/contract/cooperative.mjs";
import { hold } from "../fixtures/contract/holds.mjs";
import { triple } from "../fixtures/contract/values.mjs";
import { apart, contract } from "./executors.ts";
import { linesOf, rejection } from "./waits.ts";

contract("a task that looks whether it should stop", ({ make, gate, file }) => {
  test("ends by itself, and its worker goes on", async () => {
    const executor = make({ clock: new FakeClock() });
    const held = gate();
    const task = executor.submit(holdThenLook, [held.token]);
    await held.wait();
    task.cancel();
    expect(await rejection(task)).toMatchObject({ name: "AbortError" });
    held.open();
    const next = executor.submit(triple, [1]);
    expect(await next).toBe(3);
    expect(next.workerId).toBe(task.workerId);
    expect(executor.statistics()).toMatchObject({ workersStarted: 1, workersLost: 0, cancelled: 1 });
  });

  test("hears of it through its signal, with the reason", async () => {
    const executor = make({ clock: new FakeClock() });
    const held = gate();
    const log = file();
    const task = executor.submit(waitUntilStopped, [held.token, log]);
    await held.wait();
    held.open();
    task.cancel(new RangeError("enough"));
    await rejection(task);
    const next = executor.submit(triple, [1]);
    await next;
    expect(linesOf(log)).toEqual(["RangeError: enough"]);
    expect(next.workerId).toBe(task.workerId);
    expect(executor.statistics().workersStarted).toBe(1);
  });

  test("hears of a time limit too", async () => {
    const clock = new FakeClock();
    const executor = make({ clock });
    const held = gate();
    const log = file();
    const task = executor.submit(waitUntilStopped, [held.token, log], { timeoutMs: 100 });
    await held.wait();
    const failure = rejection(task);
    await clock.advance(100);
    expect(await failure).toMatchObject({ name: "TimeoutError" });
    held.open();
    const next = executor.submit(triple, [1]);
    await next;
    expect(linesOf(log)).toHaveLength(1);
    expect(linesOf(log)[0]).toMatch(/^TimeoutError: /);
    expect(next.workerId).toBe(task.workerId);
  });

  test("is not held against the next one", async () => {
    const executor = make({ clock: new FakeClock() });
    const held = gate();
    const task = executor.submit(holdThenLook, [held.token]);
    await held.wait();
    task.cancel();
    held.open();
    await rejection(task);
    expect(await executor.submit(whoAmI, [])).toMatchObject({ aborted: false });
  });
});

contract(
  "a task that keeps its worker busy",
  ({ make, gate, file }) => {
    test("sees in a synchronous loop that it should stop", async () => {
      const executor = make({ clock: new FakeClock() });
      const held = gate();
      const log = file();
      const task = executor.submit(loopUntilStopped, [held.token, log]);
      await held.wait();
      held.open();
      task.cancel();
      expect(await rejection(task)).toMatchObject({ name: "AbortError" });
      const next = executor.submit(triple, [1]);
      await next;
      expect(linesOf(log)).toEqual(["AbortError"]);
      expect(next.workerId).toBe(task.workerId);
      expect(executor.statistics().workersStarted).toBe(1);
    });

    test("and looked once is ended when its grace is over", async () => {
      const clock = new FakeClock();
      const executor = make({ clock, cancelGraceMs: 500 });
      const held = gate();
      const task = executor.submit(holdDeaf, [held.token]);
      await held.wait();
      task.cancel();
      await rejection(task);
      const next = executor.submit(triple, [1]);
      await clock.advance(499);
      expect(next.state).toBe("pending");
      expect(executor.statistics().workers).toMatchObject([{ id: task.workerId, state: "busy" }]);
      await clock.advance(1);
      expect(await next).toBe(3);
      expect(next.workerId).not.toBe(task.workerId);
    });

    test("has the grace of its call before that of the executor", async () => {
      const clock = new FakeClock();
      const executor = make({ clock, cancelGraceMs: 500 });
      const held = gate();
      const task = executor.submit(holdDeaf, [held.token], { cancelGraceMs: 20 });
      await held.wait();
      task.cancel();
      await clock.advance(20);
      expect(await executor.submit(triple, [1])).toBe(3);
      await rejection(task);
    });

    test("and never looked is ended at once", async () => {
      const executor = make({ clock: new FakeClock(), cancelGraceMs: 1_000_000 });
      const held = gate();
      const task = executor.submit(hold, [held.token]);
      await held.wait();
      task.cancel();
      const next = executor.submit(triple, [1]);
      expect(await next).toBe(3);
      expect(next.workerId).not.toBe(task.workerId);
    });
  },
  apart,
);

contract("abandoning", ({ make, gate }) => {
  test("a cancelled task lets it finish for nothing", async () => {
    const clock = new FakeClock();
    const executor = make({ clock });
    const held = gate();
    const task = executor.submit(hold, [held.token], { onCancel: "abandon" });
    await held.wait();
    task.cancel();
    expect(await rejection(task)).toMatchObject({ name: "AbortError" });
    await clock.advance(10_000);
    const next = executor.submit(triple, [1]);
    expect(next.state).toBe("pending");
    held.open();
    expect(await next).toBe(3);
    expect(next.workerId).toBe(task.workerId);
    expect(executor.statistics()).toMatchObject({ workersStarted: 1, cancelled: 1, fulfilled: 1 });
  });
});
