import { existsSync } from "node:fs";
import { isOffloopError, TaskTimeoutError } from "offloop";
import { FakeClock } from "offloop/testing";
import { expect, test } from "vitest";
import { answerSeen, append, hold } from "../fixtures/contract/holds.mjs";
import { triple } from "../fixtures/contract/values.mjs";
import { apart, contract } from "./executors.ts";
import { linesOf, rejection } from "./waits.ts";

contract("time limits", ({ make, gate, file, apart: endsTasks }) => {
  test("timeoutMs ends a task that runs too long", async () => {
    const clock = new FakeClock();
    const executor = make({ clock });
    const held = gate();
    const task = executor.submit(hold, [held.token], { timeoutMs: 100 });
    await held.wait();
    await clock.advance(99);
    expect(task.state).toBe("running");
    const failure = rejection(task);
    await clock.advance(1);
    const error = await failure;
    expect(error).toBeInstanceOf(TaskTimeoutError);
    expect(error).toMatchObject({ name: "TimeoutError", code: "ERR_OFFLOOP_TASK_TIMEOUT" });
    expect(error).toMatchObject({ timeoutMs: 100, phase: "running" });
    expect(isOffloopError(error)).toBe(true);
    expect(task.state).toBe("rejected");
    if (!endsTasks) held.open();
    const next = executor.submit(triple, [1]);
    expect(await next).toBe(3);
    expect(next.workerId === task.workerId).toBe(!endsTasks);
    expect(executor.statistics()).toMatchObject({ timedOut: 1, rejected: 1, lost: 0, workersLost: 0 });
  });

  test("timeoutMs does not count waiting", async () => {
    const clock = new FakeClock();
    const executor = make({ clock });
    const [first, second] = [gate(), gate()];
    const before = executor.submit(hold, [first.token]);
    const task = executor.submit(hold, [second.token], { timeoutMs: 100 });
    await first.wait();
    await clock.advance(1_000);
    expect(task.state).toBe("pending");
    first.open();
    await before;
    await second.wait();
    await clock.advance(99);
    expect(task.state).toBe("running");
    second.open();
    await task;
    expect(task.timing).toMatchObject({ queuedMs: 1_000, endedAt: 1_099 });
  });

  test("queueTimeoutMs ends a task that waits too long, before it runs", async () => {
    const clock = new FakeClock();
    const executor = make({ clock });
    const held = gate();
    const log = file();
    const first = executor.submit(hold, [held.token]);
    await held.wait();
    const task = executor.submit(append, [log, "ran"], { queueTimeoutMs: 100 });
    await clock.advance(99);
    expect(task.state).toBe("pending");
    const failure = rejection(task);
    await clock.advance(1);
    const error = await failure;
    expect(error).toBeInstanceOf(TaskTimeoutError);
    expect(error).toMatchObject({ name: "TimeoutError", timeoutMs: 100, phase: "queued" });
    expect(executor.statistics()).toMatchObject({ timedOut: 1, pending: 0, running: 1 });
    held.open();
    await first;
    await executor.idle();
    expect(linesOf(log)).toEqual([]);
  });

  test("queueTimeoutMs does not count running", async () => {
    const clock = new FakeClock();
    const executor = make({ clock });
    const held = gate();
    const task = executor.submit(hold, [held.token], { queueTimeoutMs: 100 });
    await held.wait();
    await clock.advance(10_000);
    expect(task.state).toBe("running");
    held.open();
    await task;
  });

  test("those of the call win over those of the executor", async () => {
    const clock = new FakeClock();
    const executor = make({ clock, timeoutMs: 100, queueTimeoutMs: 200 });
    const [first, second] = [gate(), gate()];
    const long = executor.submit(hold, [first.token], { timeoutMs: 1_000 });
    await first.wait();
    const patient = executor.submit(triple, [1], { queueTimeoutMs: Infinity });
    const waiting = rejection(executor.submit(triple, [2]));
    await clock.advance(200);
    expect(await waiting).toMatchObject({ timeoutMs: 200, phase: "queued" });
    expect([long.state, patient.state]).toEqual(["running", "pending"]);
    first.open();
    await long;
    expect(await patient).toBe(3);
    const short = rejection(executor.submit(hold, [second.token]));
    await second.wait();
    await clock.advance(100);
    expect(await short).toMatchObject({ timeoutMs: 100, phase: "running" });
  });

  test("that are not reached leave nothing", async () => {
    const clock = new FakeClock();
    const executor = make({ clock });
    for (let round = 0; round < 3; round++) {
      expect(await executor.submit(triple, [1], { timeoutMs: 50, queueTimeoutMs: 50 })).toBe(3);
      await clock.advance(49);
    }
    await clock.advance(1_000);
    expect(executor.statistics()).toMatchObject({ fulfilled: 3, timedOut: 0, workersStarted: 1 });
  });
});

contract(
  "a time limit that passes while main is blocked",
  ({ make, file }) => {
    test("does not take back a result that is there", async () => {
      const clock = new FakeClock();
      const executor = make({ clock });
      await executor.ready();
      const written = file();
      const task = executor.submit(answerSeen, [written], { timeoutMs: 100 });
      // This thread does not turn: the result arrives and is not read.
      while (!existsSync(written));
      await clock.advance(100);
      expect(await task).toEqual({ answer: 42 });
      await clock.advance(1_000);
      expect(executor.statistics()).toMatchObject({ fulfilled: 1, timedOut: 0, workersStarted: 1 });
    });
  },
  apart,
);
