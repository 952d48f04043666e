import { SerializationError } from "offloop";
import { expect, test } from "vitest";
import { reportFunction, reportMany, reportThenWait } from "../fixtures/contract/main-calls.mjs";
import { triple } from "../fixtures/contract/values.mjs";
import { contract } from "./executors.ts";
import { rejection } from "./waits.ts";

async function all(reports: AsyncIterable<unknown>): Promise<unknown[]> {
  const seen: unknown[] = [];
  for await (const report of reports) seen.push(report);
  return seen;
}

contract("what a task reports", ({ shared, make, gate }) => {
  test("is read in order, and ends with the task", async () => {
    const task = shared().submit(reportMany, [50]);
    expect(await all(task.progress)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
    expect(task.state).toBe("fulfilled");
  });

  test("can be read while it runs, and however it ends", async () => {
    const held = gate();
    const task = make().submit(reportThenWait, [held.token]);
    const failure = rejection(task);
    const reading = task.progress[Symbol.asyncIterator]();
    expect(await reading.next()).toEqual({ done: false, value: { at: "start" } });
    held.open();
    expect(await reading.next()).toEqual({ done: false, value: { at: "end" } });
    expect(await reading.next()).toEqual({ done: true, value: undefined });
    expect(await failure).toMatchObject({ message: "reported" });
  });

  test("is there when the result is, the latest 64 of it", async () => {
    const task = shared().submit(reportMany, [1_000]);
    await task;
    const latest = Array.from({ length: 64 }, (_, n) => 937 + n);
    expect(await all(task.progress)).toEqual(latest);
    expect(await all(task.progress)).toEqual(latest);
  });

  test("is nothing for a task that reports nothing or is cancelled", async () => {
    const task = shared().submit(triple, [1]);
    expect(await all(task.progress)).toEqual([]);
    const cancelled = make().submit(reportThenWait, [gate().token]);
    const reading = cancelled.progress[Symbol.asyncIterator]();
    // A gate says that the task has come so far, not that main has read what it sent before.
    expect(await reading.next()).toEqual({ done: false, value: { at: "start" } });
    const ended = reading.next();
    cancelled.cancel();
    expect(await ended).toEqual({ done: true, value: undefined });
    expect(await all(cancelled.progress)).toEqual([{ at: "start" }]);
  });

  test("must be plain data", async () => {
    const error = await rejection(shared().submit(reportFunction, []));
    expect(error).toBeInstanceOf(SerializationError);
    expect(error).toMatchObject({ direction: "item", path: "report.a.b" });
  });
});
