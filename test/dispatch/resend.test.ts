import { transfer } from "offloop";
import { describe, expect, test, vi } from "vitest";
import { type FunctionHandle, functionHandle } from "#internal/core/function-handle";
import { Task } from "#internal/core/task";
import type { LoadFailure } from "#internal/dispatch/travel-help";
import { handle, setup } from "./fake-workers.ts";

const other = functionHandle(() => {}, { way: "other" });
const lost = new Error("no such module");

describe("a worker that cannot find the function of a call", () => {
  test("gets it again, sent in another way, before what waits", async () => {
    const resendAs = vi.fn((_task: Task<unknown>, _failure: LoadFailure): FunctionHandle => other);
    const { submit, firstReady, dispatcher } = setup({ maxWorkers: 1 }, { resendAs });
    const link = firstReady();
    const [first, second] = [submit("first"), submit("second")];
    link.notLoaded(lost, "file:///gone.js");
    expect(resendAs.mock.calls[0]![1]).toMatchObject({
      functionId: handle.id,
      module: "file:///gone.js",
      error: { message: "no such module" },
    });
    expect(link.task).toBe(first);
    expect(first.handle).toBe(other);
    expect(dispatcher.statistics()).toMatchObject({ requeued: 1, running: 1, pending: 1 });
    link.answer("found");
    await expect(first).resolves.toBe("found");
    link.answer("next");
    await expect(second).resolves.toBe("next");
    expect(dispatcher.statistics()).toMatchObject({ fulfilled: 2, rejected: 0, running: 0 });
  });

  test("rejects the call when there is no other way, and goes on", async () => {
    const why = new Error("no way at all");
    const resendAs = (): never => {
      throw why;
    };
    const { submit, firstReady } = setup({ maxWorkers: 1 }, { resendAs });
    const link = firstReady();
    const [first, second] = [submit("first"), submit("second")];
    link.notLoaded(lost);
    await expect(first).rejects.toBe(why);
    link.answer("next");
    await expect(second).resolves.toBe("next");
  });

  test("is asked twenty times at the most: each time may teach of one more module", async () => {
    const { submit, firstReady } = setup({ maxWorkers: 1 }, { resendAs: () => other });
    const link = firstReady();
    const task = submit();
    for (let asked = 0; asked < 20; asked++) link.notLoaded(lost);
    await expect(task).rejects.toMatchObject({ message: "no such module" });
    expect(link.sent).toHaveLength(20);
  });

  test("has not died of it: deaths are counted by themselves", async () => {
    const { submit, firstReady, driver } = setup({ maxWorkers: 1 }, { resendAs: () => other });
    firstReady();
    const task = submit();
    for (let asked = 0; asked < 5; asked++) driver.last.notLoaded(lost);
    for (let deaths = 0; deaths < 2; deaths++) {
      driver.last.gone();
      driver.last.ready();
    }
    expect(task.state).toBe("running");
    driver.last.gone();
    await expect(task).rejects.toMatchObject({ code: "ERR_OFFLOOP_WORKER_LOST", attempts: 3 });
  });

  test("does not get again what moved away with the first time", async () => {
    const resendAs = vi.fn(() => other);
    const { submit, firstReady } = setup({ maxWorkers: 1 }, { resendAs });
    const link = firstReady();
    const bytes = new Uint8Array(8);
    const task = submit("moving", {}, [transfer(bytes, [bytes.buffer])]);
    link.notLoaded(lost);
    await expect(task).rejects.toMatchObject({ message: "no such module" });
    expect(resendAs).not.toHaveBeenCalled();
  });

  test("does not bring back a call that was cancelled", async () => {
    const resendAs = vi.fn(() => other);
    const { submit, firstReady } = setup({ maxWorkers: 1 }, { resendAs });
    const link = firstReady();
    link.killable = false;
    const task = submit("cancelled");
    link.load();
    task.cancel("enough");
    link.notLoaded(lost);
    await expect(task).rejects.toBe("enough");
    expect(resendAs).not.toHaveBeenCalled();
    expect(link.sent).toEqual(["cancelled"]);
  });
});

test("what a call captured is kept as it was when the call has to wait", () => {
  const { dispatcher, firstReady } = setup({ maxWorkers: 1 });
  const link = firstReady();
  const captured = { list: [1] };
  const submit = (once: boolean): Task<unknown> => {
    const task = new Task<unknown>(
      dispatcher,
      functionHandle(() => {}, captured, once),
      [],
      {},
    );
    dispatcher.submit(task);
    return task;
  };
  const [, waiting, constant] = [submit(true), submit(true), submit(false)];
  captured.list.push(2);
  expect(link.task.handle.reference).toBe(captured);
  expect(waiting.handle.reference).toEqual({ list: [1] });
  expect(constant.handle.reference).toBe(captured);
});
