import { ExecutorClosedError } from "offloop";
import { FakeClock } from "offloop/testing";
import { expect, test } from "vitest";
import { holdDeaf } from "../fixtures/contract/cooperative.mjs";
import { append, hold } from "../fixtures/contract/holds.mjs";
import { neverSetUp } from "../fixtures/contract/setup.mjs";
import { parse } from "../fixtures/contract/throws.mjs";
import { triple } from "../fixtures/contract/values.mjs";
import { contract, expectSum } from "./executors.ts";
import { linesOf, rejection, turn } from "./waits.ts";

const NOTHING = { finished: 0, cancelled: [], killed: [], timedOut: false };

contract("shutdown()", ({ make, gate, file, apart }) => {
  test("waits for what runs and what waits", async () => {
    const executor = make();
    const held = gate();
    const running = executor.submit(hold, [held.token]);
    const waiting = executor.submit(triple, [1]);
    const failing = rejection(executor.submit(parse, [1]));
    await held.wait();
    const down = executor.shutdown();
    expect(executor.statistics().state).toBe("draining");
    await turn();
    expect([running.state, waiting.state]).toEqual(["running", "pending"]);
    held.open();
    const report = await down;
    expect(report).toMatchObject({ ...NOTHING, finished: 3 });
    expect(report.durationMs).toBeGreaterThan(0);
    expect(Object.isFrozen(report)).toBe(true);
    expect(await waiting).toBe(3);
    await Promise.all([running, failing]);
    expect(executor.statistics()).toMatchObject({ state: "closed", workers: [], fulfilled: 2, rejected: 1 });
  });

  test("of an executor that did nothing is quick", async () => {
    expect(await make().shutdown()).toMatchObject(NOTHING);
  });

  test("ends workers that are idle, starting, or never get there", async () => {
    const used = make();
    await used.submit(triple, [1]);
    expect(await used.shutdown()).toMatchObject(NOTHING);
    expect(await make({ minWorkers: 1 }).shutdown()).toMatchObject(NOTHING);
    const clock = new FakeClock();
    const stuck = make({ clock, minWorkers: 1, initializer: neverSetUp });
    const down = stuck.shutdown();
    // The inline executor cannot end it and waits a second for it to go.
    if (!apart) await clock.advance(1_000);
    expect(await down).toMatchObject(NOTHING);
  });

  test("with cancelPending rejects what waits", async () => {
    const executor = make();
    const held = gate();
    const log = file();
    const running = executor.submit(hold, [held.token]);
    await held.wait();
    const waiting = ["a", "b"].map((line) => executor.submit(append, [log, line], { name: line }));
    const down = executor.shutdown({ cancelPending: true });
    expect(waiting.map(({ state }) => state)).toEqual(["cancelled", "cancelled"]);
    for (const error of await Promise.all(waiting.map(rejection))) {
      expect(error).toBeInstanceOf(ExecutorClosedError);
      expect(error).toMatchObject({ code: "ERR_OFFLOOP_EXECUTOR_CLOSED", killed: false });
    }
    held.open();
    await running;
    const cancelled = waiting.map(({ id, name }) => ({ id, name }));
    expect(await down).toMatchObject({ ...NOTHING, finished: 1, cancelled });
    expect(linesOf(log)).toEqual([]);
  });

  test("ends what is not done after timeoutMs", async () => {
    const clock = new FakeClock();
    const executor = make({ clock });
    const held = gate();
    const running = executor.submit(hold, [held.token]);
    await held.wait();
    const waiting = executor.submit(triple, [1]);
    const down = executor.shutdown({ timeoutMs: 50 });
    await clock.advance(49);
    expect([running.state, waiting.state]).toEqual(["running", "pending"]);
    await clock.advance(1);
    expect(await down).toEqual({
      finished: 0,
      cancelled: [{ id: waiting.id, name: "triple" }],
      killed: [{ id: running.id, name: "hold" }],
      timedOut: true,
      durationMs: 50,
    });
    expect(await rejection(running)).toBeInstanceOf(ExecutorClosedError);
    expect(await rejection(running)).toMatchObject({ killed: true });
    expect(await rejection(waiting)).toMatchObject({ killed: false });
    expectSum(executor.statistics());
  });

  test("has 10 seconds unless it is given others", async () => {
    const clock = new FakeClock();
    const executor = make({ clock });
    const held = gate();
    const running = executor.submit(hold, [held.token]);
    await held.wait();
    const down = executor.shutdown();
    await clock.advance(9_999);
    expect(running.state).toBe("running");
    await clock.advance(1);
    expect(await down).toMatchObject({ timedOut: true, durationMs: 10_000 });
  });

  test("does not wait for the grace of a cancelled task", async () => {
    const clock = new FakeClock();
    const executor = make({ clock, cancelGraceMs: 1_000_000 });
    const held = gate();
    const task = executor.submit(holdDeaf, [held.token]);
    await held.wait();
    task.cancel();
    expect(await executor.shutdown()).toMatchObject(NOTHING);
  });

  test("is the same one when asked again", async () => {
    const executor = make();
    const held = gate();
    const running = executor.submit(hold, [held.token]);
    await held.wait();
    const first = executor.shutdown();
    const second = executor.shutdown({ cancelPending: true, timeoutMs: 0 });
    held.open();
    await running;
    expect(await second).toBe(await first);
    expect(await executor.shutdown()).toBe(await first);
    expect(await first).toMatchObject({ finished: 1, timedOut: false });
  });
});

contract("an executor that is shut down", ({ make, gate, apart }) => {
  test("refuses calls, also while it drains", async () => {
    const executor = make();
    const held = gate();
    const running = executor.submit(hold, [held.token]);
    await held.wait();
    const down = executor.shutdown();
    const early = executor.submit(triple, [1]);
    expect(early.state).toBe("rejected");
    expect(await rejection(early)).toBeInstanceOf(ExecutorClosedError);
    held.open();
    await running;
    // The late call was not the shutdown's to finish.
    expect(await down).toMatchObject({ finished: 1 });
    expect(await rejection(executor.submit(triple, [1]))).toMatchObject({
      code: "ERR_OFFLOOP_EXECUTOR_CLOSED",
      killed: false,
    });
  });

  test("has nothing to wait for and nothing to start", async () => {
    const executor = make();
    await executor.shutdown();
    await executor.idle();
    expect(await rejection(executor.ready())).toBeInstanceOf(ExecutorClosedError);
    executor.resize({ minWorkers: 1 });
    expect(executor.statistics()).toMatchObject({ state: "closed", workers: [] });
  });

  test("while somebody waits for ready() tells him", async () => {
    const clock = new FakeClock();
    const executor = make({ clock, initializer: neverSetUp });
    const failure = rejection(executor.ready());
    const down = executor.shutdown();
    if (!apart) await clock.advance(1_000);
    await down;
    expect(await failure).toBeInstanceOf(ExecutorClosedError);
  });
});

contract("Symbol.asyncDispose", ({ make, gate }) => {
  test("waits for running and waiting tasks, however long", async () => {
    const clock = new FakeClock();
    const executor = make({ clock });
    const held = gate();
    const running = executor.submit(hold, [held.token]);
    const waiting = executor.submit(triple, [1]);
    await held.wait();
    const disposed = executor[Symbol.asyncDispose]();
    await clock.advance(1_000_000);
    expect(running.state).toBe("running");
    held.open();
    await disposed;
    expect(await waiting).toBe(3);
    expect(executor.statistics()).toMatchObject({ state: "closed", fulfilled: 2, workers: [] });
  });
});
