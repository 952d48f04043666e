import { ExecutorClosedError, WorkerLostError } from "#internal/core/errors";
import type { CallOptions } from "#internal/core/call-options";
import { transfer } from "#internal/wire/transfer";
import { describe, expect, test } from "vitest";
import { type FakeLink, setup, turn } from "./fake-workers.ts";

const backoff = { initialMs: 100, maxMs: 1_000, factor: 2, jitter: 0 };
const twice: CallOptions = { retry: { attempts: 2, backoff } };

function die(link: FakeLink): void {
  link.claim();
  link.gone();
}

describe("a call whose worker died", () => {
  test("waits for its pause, then runs on another worker", async () => {
    const { submit, firstReady, driver, clock, dispatcher } = setup({ maxWorkers: 1 });
    const first = firstReady();
    const task = submit("again", twice);
    die(first);
    expect(task.state).toBe("pending");
    expect(dispatcher.statistics()).toMatchObject({ pending: 1, running: 0, retried: 1, rejected: 0 });
    await clock.advance(99);
    expect(driver.links).toHaveLength(1);
    await clock.advance(1);
    driver.last.ready();
    driver.last.answer("second");
    expect(await task).toBe("second");
    expect(task.timing.queuedMs).toBe(100);
  });

  test("is lost when it has had its runs, and the error counts them", async () => {
    const { submit, firstReady, driver, clock, dispatcher } = setup({ maxWorkers: 1 });
    const first = firstReady();
    const task = submit("again", twice);
    die(first);
    await clock.advance(100);
    driver.last.ready();
    die(driver.last);
    await expect(task).rejects.toBeInstanceOf(WorkerLostError);
    await expect(task).rejects.toMatchObject({ attempts: 2, phase: "running" });
    expect(dispatcher.statistics()).toMatchObject({ retried: 1, lost: 2, rejected: 1, pending: 0 });
  });

  test("can be cancelled in its pause, and does not come back", async () => {
    const { submit, firstReady, driver, clock, dispatcher } = setup({ maxWorkers: 1 });
    const first = firstReady();
    const task = submit("again", twice);
    die(first);
    expect(task.cancel("why")).toBe(true);
    await dispatcher.idle();
    await clock.advance(1_000);
    expect(driver.links).toHaveLength(1);
    expect(dispatcher.statistics()).toMatchObject({ cancelled: 1, pending: 0 });
  });

  test("waits for no worker in its pause, so queueTimeoutMs counts from the end of it", async () => {
    const { submit, firstReady, clock } = setup({ maxWorkers: 1 });
    const first = firstReady();
    const task = submit("again", { ...twice, queueTimeoutMs: 50 });
    die(first);
    await clock.advance(149);
    expect(task.state).toBe("pending");
    await clock.advance(1);
    await expect(task).rejects.toMatchObject({ code: "ERR_OFFLOOP_TASK_TIMEOUT", phase: "queued" });
  });

  test("is told lost, not late, when its pauses are longer than it may wait for a worker", async () => {
    const { submit, firstReady, driver, clock } = setup({ maxWorkers: 1 });
    firstReady();
    const task = submit("again", { retry: { attempts: 3, backoff }, queueTimeoutMs: 40 });
    for (const pauseMs of [100, 200]) {
      die(driver.last);
      await clock.advance(pauseMs);
      driver.last.ready();
    }
    die(driver.last);
    await expect(task).rejects.toMatchObject({ code: "ERR_OFFLOOP_WORKER_LOST", attempts: 3 });
  });

  test("is aborted by its signal in its pause", async () => {
    const { submit, firstReady } = setup({ maxWorkers: 1 });
    const first = firstReady();
    const stop = new AbortController();
    const task = submit("again", { ...twice, queueTimeoutMs: 50, signal: stop.signal });
    die(first);
    stop.abort("why");
    await expect(task).rejects.toBe("why");
  });

  test("goes to an idle worker, and to the end of the queue", async () => {
    const { submit, firstReady, driver, clock } = setup({ maxWorkers: 1 });
    const first = firstReady();
    void submit("again", twice);
    void submit("behind");
    die(first);
    driver.last.ready();
    void submit("later");
    await clock.advance(100);
    driver.last.answer();
    driver.last.answer();
    expect(driver.last.sent).toEqual(["behind", "later", "again"]);
  });

  test("that moved something is never run again", async () => {
    const { submit, firstReady } = setup({ maxWorkers: 1 });
    const first = firstReady();
    const bytes = new Uint8Array(8);
    const task = submit("moves", twice, [transfer(bytes, [bytes.buffer])]);
    die(first);
    await expect(task).rejects.toMatchObject({ attempts: 1 });
  });

  test("is shut down with the others", async () => {
    const { submit, firstReady, dispatcher, driver, clock } = setup({ maxWorkers: 1 });
    const first = firstReady();
    const task = submit("again", twice);
    die(first);
    const down = dispatcher.shutdown({ cancelPending: false, timeoutMs: 1_000 });
    await clock.advance(100);
    driver.last.ready();
    driver.last.answer("late");
    expect(await task).toBe("late");
    await turn();
    driver.last.gone({ exitCode: 0 });
    expect(await down).toMatchObject({ finished: 1, timedOut: false });
  });

  test("is cancelled by a shutdown that cancels what waits", async () => {
    const { submit, firstReady, dispatcher } = setup({ maxWorkers: 1 });
    const first = firstReady();
    const task = submit("again", twice);
    die(first);
    const report = await dispatcher.shutdown({ cancelPending: true, timeoutMs: 1_000 });
    expect(report.cancelled).toEqual([{ id: task.id, name: "again" }]);
    await expect(task).rejects.toBeInstanceOf(ExecutorClosedError);
  });
});

describe("a call that threw", () => {
  test("is run again when the caller's function says so of its error", async () => {
    const { submit, firstReady, clock } = setup({ maxWorkers: 1 });
    const link = firstReady();
    const on = [(error: unknown) => (error as Error).message === "once"];
    const task = submit("throws", { retry: { attempts: 5, on, backoff } });
    link.fail(new Error("once"));
    await clock.advance(100);
    link.fail(new Error("twice"));
    await expect(task).rejects.toMatchObject({ message: "twice" });
    expect(link.sent).toHaveLength(2);
  });

  test("rejects with what that function throws itself", async () => {
    const { submit, firstReady } = setup({ maxWorkers: 1 });
    const link = firstReady();
    const own = new TypeError("in the predicate");
    const on = [
      () => {
        throw own;
      },
    ];
    const task = submit("throws", { retry: { attempts: 5, on, backoff } });
    link.fail(new Error("once"));
    await expect(task).rejects.toBe(own);
  });
});

describe("a call that took too long", () => {
  test("is ended at once, with no grace, and run again", async () => {
    const { submit, firstReady, driver, clock, dispatcher } = setup({ maxWorkers: 1 });
    const link = firstReady();
    const options = { timeoutMs: 50, retry: { attempts: 2, on: ["timeout" as const], backoff } };
    const task = submit("slow", options);
    link.words.look(link.claim());
    await clock.advance(50);
    expect(link.killed).toBe(true);
    expect(dispatcher.statistics()).toMatchObject({ retried: 1, timedOut: 0, lost: 0 });
    await clock.advance(100);
    driver.last.ready();
    driver.last.claim();
    await clock.advance(50);
    await expect(task).rejects.toMatchObject({ phase: "running", timeoutMs: 50 });
    expect(dispatcher.statistics()).toMatchObject({ retried: 1, timedOut: 1 });
  });

  test("is not when nobody asked for that", async () => {
    const { submit, firstReady, clock } = setup({ maxWorkers: 1 });
    const link = firstReady();
    const task = submit("slow", { ...twice, timeoutMs: 50 });
    link.claim();
    await clock.advance(50);
    await expect(task).rejects.toMatchObject({ code: "ERR_OFFLOOP_TASK_TIMEOUT" });
  });
});

describe("an idempotent call", () => {
  test("that had ended when its worker died is run again", async () => {
    const { submit, firstReady, driver } = setup({ maxWorkers: 1 });
    const link = firstReady();
    const task = submit("harmless", { idempotent: true });
    link.claim();
    link.words.leave(1);
    link.gone();
    driver.last.ready();
    driver.last.answer("again");
    expect(await task).toBe("again");
  });

  test("that was running when its worker died is lost: it may be why", async () => {
    const { submit, firstReady } = setup({ maxWorkers: 1 });
    const link = firstReady();
    const task = submit("harmless", { idempotent: true });
    die(link);
    await expect(task).rejects.toMatchObject({ phase: "running" });
  });
});
