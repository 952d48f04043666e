import { once } from "node:events";
import { FakeClock } from "offloop/testing";
import { expect, test } from "vitest";
import { hold } from "../fixtures/contract/holds.mjs";
import { failTearDown, neverTornDown, setUp, tearDown, tearDownLater } from "../fixtures/contract/setup.mjs";
import { triple } from "../fixtures/contract/values.mjs";
import { apart, contract } from "./executors.ts";
import { linesOf, rejection, until } from "./waits.ts";

contract("a finalizer", ({ make, file }) => {
  test("runs at shutdown, after the last task", async () => {
    const log = file();
    const executor = make({ initializer: setUp, initializerArgs: [log], finalizer: tearDown });
    await executor.submit(triple, [1]);
    expect(linesOf(log)).toEqual(["set up"]);
    await executor.shutdown();
    expect(linesOf(log)).toEqual(["set up", "torn down"]);
  });

  test("is waited for", async () => {
    const log = file();
    const executor = make({ initializer: setUp, initializerArgs: [log], finalizer: tearDownLater });
    await executor.submit(triple, [1]);
    await executor.shutdown();
    expect(linesOf(log)).toEqual(["set up", "torn down"]);
  });

  test("runs when an idle worker ends", async () => {
    const clock = new FakeClock();
    const log = file();
    const executor = make({
      clock,
      initializer: setUp,
      initializerArgs: [log],
      finalizer: tearDown,
      idleTimeoutMs: 10,
    });
    await executor.submit(triple, [1]);
    await clock.advance(10);
    await until(() => executor.statistics().workers.length === 0);
    expect(linesOf(log)).toEqual(["set up", "torn down"]);
    expect(executor.statistics()).toMatchObject({ workersLost: 0, state: "running" });
  });

  test("does not run where nothing ran", async () => {
    const log = file();
    await make({ initializer: setUp, initializerArgs: [log], finalizer: tearDown }).shutdown();
    expect(linesOf(log)).toEqual([]);
  });

  test("that fails is warned about and harms nobody", async () => {
    const log = file();
    const executor = make({ initializer: setUp, initializerArgs: [log], finalizer: failTearDown });
    await executor.submit(triple, [1]);
    const warned = once(process, "warning") as Promise<[Error]>;
    expect(await executor.shutdown()).toMatchObject({ timedOut: false });
    const [warning] = await warned;
    expect(warning).toMatchObject({ name: "OffloopWarning", code: "OFFLOOP_WARN_FINALIZER" });
    expect(warning.message).toContain("cannot be torn down");
    expect(linesOf(log)).toEqual(["set up", "torn down"]);
  });

  test("that does not end is given startTimeoutMs", async () => {
    const clock = new FakeClock();
    const executor = make({ clock, finalizer: neverTornDown, startTimeoutMs: 5_000 });
    await executor.submit(triple, [1]);
    const down = executor.shutdown();
    await until(() => executor.statistics().workers[0]?.state === "busy");
    await clock.advance(4_999);
    expect(executor.statistics()).toMatchObject({ state: "draining", workers: [{ state: "busy" }] });
    await clock.advance(1);
    expect(await down).toMatchObject({ timedOut: false });
    expect(executor.statistics().workers).toEqual([]);
  });
});

contract(
  "a finalizer of a worker that is ended",
  ({ make, gate, file }) => {
    test("does not run", async () => {
      const log = file();
      const executor = make({ initializer: setUp, initializerArgs: [log], finalizer: tearDown });
      const held = gate();
      const task = executor.submit(hold, [held.token]);
      await held.wait();
      task.cancel();
      await rejection(task);
      await until(() => executor.statistics().workers.length === 0);
      expect(linesOf(log)).toEqual(["set up"]);
    });
  },
  apart,
);
