import { writeFileSync } from "node:fs";
import { BrokenExecutorError } from "offloop";
import { FakeClock } from "offloop/testing";
import { expect, test } from "vitest";
import { hold } from "../fixtures/contract/holds.mjs";
import {
  exitInSetUp,
  failSetUp,
  failSetUpOnce,
  failSetUpSecond,
  failSetUpUntil,
  neverSetUp,
  setting,
  setUp,
  setUpForever,
  setUpLater,
} from "../fixtures/contract/setup.mjs";
import { triple } from "../fixtures/contract/values.mjs";
import { apart, contract } from "./executors.ts";
import { linesOf, rejection, until } from "./waits.ts";

contract("an initializer", ({ make, file }) => {
  test("runs once, with its arguments, before the first task", async () => {
    const log = file();
    const value = { key: [1] };
    const executor = make({ initializer: setUp, initializerArgs: [log, value] });
    expect(linesOf(log)).toEqual([]);
    const seen = await executor.submit(setting, []);
    expect(seen).toEqual(value);
    expect(seen).not.toBe(value);
    await executor.submit(triple, [1]);
    expect(linesOf(log)).toEqual(["set up"]);
  });

  test("is waited for", async () => {
    const log = file();
    const executor = make({ initializer: setUpLater, initializerArgs: [log] });
    expect(await executor.submit(setting, [])).toBe("later");
  });
});

contract("an initializer that fails", ({ make, file }) => {
  test("breaks the executor: what waits is rejected with its error", async () => {
    const executor = make({ initializer: failSetUp });
    const tasks = [1, 2, 3].map((n) => executor.submit(triple, [n]));
    for (const error of await Promise.all(tasks.map(rejection))) {
      expect(error).toBeInstanceOf(BrokenExecutorError);
      expect(error).toMatchObject({ code: "ERR_OFFLOOP_BROKEN_EXECUTOR" });
      expect((error as Error).cause).toBeInstanceOf(TypeError);
      expect((error as Error).cause).toMatchObject({ message: "no database", code: "E_DATABASE" });
    }
    expect(executor.statistics()).toMatchObject({
      state: "broken",
      rejected: 3,
      pending: 0,
      workersStarted: 0,
    });
  });

  test("rejects ready() too", async () => {
    const error = await rejection(make({ initializer: failSetUp }).ready());
    expect(error).toBeInstanceOf(BrokenExecutorError);
    expect((error as Error).cause).toMatchObject({ code: "E_DATABASE" });
  });

  test("refuses calls at once until a pause is over, then tries again", async () => {
    const clock = new FakeClock();
    const [log, repaired] = [file(), file()];
    const executor = make({ clock, initializer: failSetUpUntil, initializerArgs: [log, repaired] });
    await rejection(executor.submit(triple, [1]));
    // Of a pause of 100 ms up to a quarter is left out at random.
    await clock.advance(74);
    const refused = executor.submit(triple, [1]);
    expect(refused.state).toBe("rejected");
    expect(await rejection(refused)).toMatchObject({ cause: { code: "E_DATABASE" } });
    expect(linesOf(log)).toEqual(["tried"]);
    await clock.advance(26);
    const probe = executor.submit(triple, [1]);
    expect(executor.statistics().state).toBe("probing");
    await rejection(probe);
    expect(linesOf(log)).toEqual(["tried", "tried"]);
    // The second pause is longer.
    await clock.advance(149);
    expect(await rejection(executor.submit(triple, [1]))).toBeInstanceOf(BrokenExecutorError);
    expect(executor.statistics().state).toBe("broken");
    await clock.advance(51);
    writeFileSync(repaired, "");
    const tasks = [1, 2, 3].map((n) => executor.submit(triple, [n]));
    expect(await Promise.all(tasks)).toEqual([3, 6, 9]);
    expect(executor.statistics()).toMatchObject({ state: "running", workersStarted: 1 });
    expect(linesOf(log)).toEqual(["tried", "tried", "tried"]);
  });

  test("once is forgotten when it worked", async () => {
    const clock = new FakeClock();
    const executor = make({ clock, initializer: failSetUpOnce, initializerArgs: [file()] });
    expect(await rejection(executor.submit(triple, [1]))).toBeInstanceOf(BrokenExecutorError);
    await clock.advance(100);
    expect(await executor.submit(triple, [1])).toBe(3);
    expect(executor.statistics().state).toBe("running");
  });

  test("because its arguments cannot be copied", async () => {
    const executor = make({ initializer: setUp, initializerArgs: [{ method() {} }] });
    const error = await rejection(executor.submit(triple, [1]));
    expect(error).toBeInstanceOf(BrokenExecutorError);
    expect((error as Error).cause).toBeInstanceOf(Error);
    expect(executor.statistics()).toMatchObject({ state: "broken", workersStarted: 0 });
  });
});

contract("an initializer that does not end", ({ make }) => {
  test("is given startTimeoutMs", async () => {
    const clock = new FakeClock();
    const executor = make({ clock, initializer: neverSetUp, startTimeoutMs: 200 });
    const task = executor.submit(triple, [1]);
    await clock.advance(199);
    expect(task.state).toBe("pending");
    const failure = rejection(task);
    await clock.advance(1);
    const error = await failure;
    expect(error).toBeInstanceOf(BrokenExecutorError);
    expect((error as Error).message).toContain("200 ms");
    expect((error as Error).cause).toBeInstanceOf(Error);
    expect(executor.statistics()).toMatchObject({ state: "broken", workersStarted: 0, pending: 0 });
  });
});

contract(
  "initializers of workers that are apart",
  ({ make, gate, file }) => {
    test("run in each", async () => {
      const log = file();
      const executor = make({ maxWorkers: 2, minWorkers: 2, initializer: setUp, initializerArgs: [log] });
      await executor.ready();
      expect(linesOf(log)).toEqual(["set up", "set up"]);
    });

    test("that block are ended after startTimeoutMs", async () => {
      const clock = new FakeClock();
      const executor = make({ clock, initializer: setUpForever, startTimeoutMs: 200 });
      const failure = rejection(executor.submit(triple, [1]));
      await clock.advance(200);
      expect(await failure).toBeInstanceOf(BrokenExecutorError);
    });

    test("that exit are failures with the exit code", async () => {
      const executor = make({ initializer: exitInSetUp, initializerArgs: [3] });
      const error = await rejection(executor.submit(triple, [1]));
      expect(error).toBeInstanceOf(BrokenExecutorError);
      expect(String((error as Error).cause)).toContain("exit code 3");
    });

    test("that fail together are one failure: the pause is the first one", async () => {
      const clock = new FakeClock();
      const executor = make({ clock, maxWorkers: 2, initializer: failSetUp });
      const failures = [1, 2].map((n) => rejection(executor.submit(triple, [n])));
      expect(executor.statistics().workers).toHaveLength(2);
      await Promise.all(failures);
      // When both are gone, the later failure has been heard too.
      await until(() => executor.statistics().workers.length === 0);
      await clock.advance(100);
      void rejection(executor.submit(triple, [1]));
      expect(executor.statistics().state).toBe("probing");
    });

    test("of which one fails while another worker stands break nothing", async () => {
      const executor = make({ maxWorkers: 2, initializer: failSetUpSecond, initializerArgs: [file()] });
      const held = gate();
      const running = executor.submit(hold, [held.token]);
      await held.wait();
      const waiting = executor.submit(triple, [1]);
      expect(executor.statistics().workers).toHaveLength(2);
      await until(() => executor.statistics().workers.length === 1);
      expect(executor.statistics()).toMatchObject({ state: "running", pending: 1, rejected: 0 });
      held.open();
      await running;
      expect(await waiting).toBe(3);
    });

    test("of which one fails reject ready()", async () => {
      const held = gate();
      const initializerArgs = [file(), held.token];
      const executor = make({ minWorkers: 2, maxWorkers: 2, initializer: failSetUpSecond, initializerArgs });
      const failure = rejection(executor.ready());
      await until(() => executor.statistics().workersStarted === 1);
      held.open();
      const error = await failure;
      expect(error).toBeInstanceOf(BrokenExecutorError);
      expect((error as Error).cause).toMatchObject({ code: "E_DATABASE" });
      expect(executor.statistics().state).toBe("running");
      expect(await executor.submit(triple, [1])).toBe(3);
    });
  },
  apart,
);
