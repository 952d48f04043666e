import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { append, hold } from "../fixtures/contract/holds.mjs";
import { parse } from "../fixtures/contract/throws.mjs";
import { triple } from "../fixtures/contract/values.mjs";
import { contract } from "./executors.ts";
import { linesOf, rejection, turn } from "./waits.ts";

const listeners = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

contract("a signal that aborts", ({ make, gate, file }) => {
  const reason = new Error("the caller's own");

  test("before submit: nothing starts", async () => {
    const executor = make();
    const log = file();
    const task = executor.submit(append, [log, "ran"], { signal: AbortSignal.abort(reason) });
    expect(task.state).toBe("cancelled");
    expect(await rejection(task)).toBe(reason);
    expect(executor.statistics()).toMatchObject({ submitted: 1, cancelled: 1, workers: [] });
    expect(linesOf(log)).toEqual([]);
  });

  test("in the queue: the task never runs", async () => {
    const executor = make();
    const held = gate();
    const log = file();
    const controller = new AbortController();
    const first = executor.submit(hold, [held.token]);
    const task = executor.submit(append, [log, "ran"], { signal: controller.signal });
    await held.wait();
    controller.abort(reason);
    expect(task.state).toBe("cancelled");
    expect(await rejection(task)).toBe(reason);
    held.open();
    await first;
    await executor.idle();
    expect(linesOf(log)).toEqual([]);
    expect(listeners(controller.signal)).toBe(0);
  });

  test("while it runs: it rejects at once", async () => {
    const executor = make();
    const held = gate();
    const controller = new AbortController();
    const task = executor.submit(hold, [held.token], { signal: controller.signal });
    await held.wait();
    expect(listeners(controller.signal)).toBe(1);
    controller.abort(reason);
    expect(task.state).toBe("cancelled");
    expect(await rejection(task)).toBe(reason);
    expect(listeners(controller.signal)).toBe(0);
    held.open();
    expect(await executor.submit(triple, [1])).toBe(3);
  });

  test("after the result: the result stands", async () => {
    const executor = make();
    const controller = new AbortController();
    const task = executor.submit(triple, [1], { signal: controller.signal });
    expect(await task).toBe(3);
    controller.abort(reason);
    await turn();
    expect(task.state).toBe("fulfilled");
    expect(executor.statistics()).toMatchObject({ fulfilled: 1, cancelled: 0, workersStarted: 1 });
  });

  test("without a reason of its own", async () => {
    const task = make().submit(triple, [1], { signal: AbortSignal.abort() });
    expect(await rejection(task)).toMatchObject({ name: "AbortError" });
  });
});

contract("a signal that does not abort", ({ shared }) => {
  test("is left without listeners", async () => {
    const { signal } = new AbortController();
    await shared().submit(triple, [1], { signal });
    await rejection(shared().submit(parse, [1], { signal }));
    await rejection(shared().submit(triple, [{ method() {} } as never], { signal }));
    const cancelled = shared().submit(triple, [1], { signal });
    cancelled.cancel();
    await rejection(cancelled);
    expect(listeners(signal)).toBe(0);
  });
});

contract("one signal for a thousand tasks", ({ make, gate }) => {
  test("ends them all, without a warning or a listener left", async () => {
    const executor = make();
    const held = gate();
    const warnings: Error[] = [];
    const listen = (warning: Error): void => void warnings.push(warning);
    process.on("warning", listen);
    const controller = new AbortController();
    const { signal } = controller;
    const running = executor.submit(hold, [held.token], { signal });
    await held.wait();
    const tasks = Array.from({ length: 999 }, (_, index) => executor.submit(triple, [index], { signal }));
    const other = executor.submit(triple, [1]);
    controller.abort("enough");
    expect(await Promise.all([running, ...tasks].map(rejection))).toEqual(Array(1000).fill("enough"));
    expect(listeners(signal)).toBe(0);
    held.open();
    expect(await other).toBe(3);
    expect(executor.statistics()).toMatchObject({
      submitted: 1001,
      cancelled: 1000,
      fulfilled: 1,
      pending: 0,
    });
    await turn();
    process.off("warning", listen);
    expect(warnings).toEqual([]);
  });
});
