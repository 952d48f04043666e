import { BrokenExecutorError, ExecutorClosedError } from "#internal/core/errors";
import { describe, expect, test } from "vitest";
import { heldHandles, setup, turn } from "./fake-workers.ts";

describe("workers start", () => {
  test("for what waits, no more than there are places", () => {
    const { submit, driver } = setup({ maxWorkers: 3 });
    void submit();
    expect(driver.links).toHaveLength(1);
    void submit();
    expect(driver.links).toHaveLength(2);
    void submit();
    void submit();
    void submit();
    expect(driver.links).toHaveLength(3);
  });

  test("not for a call that a free one takes", () => {
    const { submit, driver, firstReady } = setup({ maxWorkers: 3 });
    const link = firstReady();
    void submit();
    link.answer();
    void submit();
    expect(driver.links).toHaveLength(1);
  });

  test("as many as minWorkers when the executor is made, and not more", () => {
    const { dispatcher, driver } = setup({ minWorkers: 3, maxWorkers: 5 });
    dispatcher.open();
    expect(driver.links).toHaveLength(3);
  });

  test("one that is not needed any more when it is ready is kept as an idle one", () => {
    const { submit, driver, dispatcher } = setup();
    submit().cancel();
    driver.last.ready();
    expect(dispatcher.statistics().workers).toMatchObject([{ state: "idle" }]);
    expect(submit().state).toBe("running");
  });
});

describe("a start that fails", () => {
  test("with no other worker rejects what waits, with the cause, and breaks the executor", async () => {
    const before = heldHandles();
    const { submit, driver, dispatcher } = setup();
    const tasks = [submit(), submit("b")];
    const cause = new Error("initializer failed");
    for (const link of driver.links) link.startFailed(cause);
    for (const task of tasks) {
      await expect(task).rejects.toBeInstanceOf(BrokenExecutorError);
      await expect(task).rejects.toMatchObject({ cause });
    }
    expect(driver.links.every(({ killed }) => killed)).toBe(true);
    expect(dispatcher.statistics()).toMatchObject({ state: "broken", pending: 0, rejected: 2 });
    expect(heldHandles()).toBe(before);
  });

  test("with another that is starting waits for that one", () => {
    const { submit, driver, dispatcher } = setup();
    const tasks = [submit(), submit()];
    driver.links[0]!.startFailed(new Error("bad luck"));
    expect(tasks.map(({ state }) => state)).toEqual(["pending", "pending"]);
    expect(dispatcher.statistics().state).toBe("running");
    driver.links[1]!.ready();
    expect(tasks.map(({ state }) => state)).toEqual(["running", "pending"]);
  });

  test("several together are one failure, so the pause stays short", async () => {
    const { submit, driver, clock } = setup({ maxWorkers: 8 });
    for (let count = 0; count < 8; count++) void submit();
    for (const link of driver.links) link.startFailed(new Error("no"));
    await clock.advance(100);
    expect(submit().state).toBe("pending");
  });

  test("with another that stands is tried again after a pause: that one may be in a call that never ends", async () => {
    const { submit, driver, firstReady, clock, dispatcher } = setup();
    firstReady();
    void submit("never ends");
    const waits = submit("waits");
    driver.last.startFailed(new Error("killed by somebody"));
    await clock.advance(99);
    expect(driver.links).toHaveLength(2);
    await clock.advance(1);
    expect(driver.links).toHaveLength(3);
    driver.last.startFailed(new Error("and again"));
    await clock.advance(199);
    expect(driver.links).toHaveLength(3);
    await clock.advance(1);
    driver.last.ready();
    driver.last.answer("done");
    expect(await waits).toBe("done");
    expect(dispatcher.statistics()).toMatchObject({ state: "running", running: 1, pending: 0 });
  });

  test("is not tried again when nothing waits any more, or when none stands", async () => {
    const { submit, driver, firstReady, clock, dispatcher } = setup();
    const link = firstReady();
    void submit();
    const waits = submit();
    driver.last.startFailed(new Error("once"));
    waits.cancel();
    await clock.advance(60_000);
    expect(driver.links).toHaveLength(2);
    void submit();
    driver.last.startFailed(new Error("twice"));
    link.gone();
    for (const starting of driver.alive) starting.startFailed(new Error("broken"));
    const { length } = driver.links;
    await clock.advance(60_000);
    expect(driver.links).toHaveLength(length);
    expect(dispatcher.statistics()).toMatchObject({ state: "broken", pending: 0, running: 0 });
  });

  test("with another that stands leaves the work to that one", () => {
    const { submit, driver, firstReady, dispatcher } = setup();
    const link = firstReady();
    const tasks = [submit("a"), submit("b")];
    driver.last.startFailed(new Error("no"));
    expect(tasks.map(({ state }) => state)).toEqual(["running", "pending"]);
    expect(dispatcher.statistics().state).toBe("running");
    link.answer();
    expect(tasks.map(({ state }) => state)).toEqual(["fulfilled", "running"]);
  });

  test("by throwing, by ending, and by taking too long is the same", async () => {
    const causes: unknown[] = [];
    for (const how of ["throw", "gone", "time"]) {
      const { submit, driver, clock, dispatcher } = setup({ startTimeoutMs: 500 });
      if (how === "throw") driver.startErrors.push(new Error("no file"));
      const task = submit();
      if (how === "gone") driver.last.gone({ exitCode: 9 });
      if (how === "time") await clock.advance(500);
      await expect(task).rejects.toBeInstanceOf(BrokenExecutorError);
      causes.push(await task.catch((error: Error) => (error.cause as Error).message));
      expect(dispatcher.statistics().state).toBe("broken");
      if (how === "time") {
        expect(driver.last.killed).toBe(true);
        driver.last.ready();
        expect(dispatcher.statistics()).toMatchObject({ state: "broken", workersStarted: 0 });
      }
    }
    expect(causes).toEqual([
      "no file",
      expect.stringContaining("exit code 9"),
      expect.stringContaining("500 ms"),
    ]);
  });

  test("because somebody kills the worker is tried again, and after eight in a row is a failure", async () => {
    const { submit, driver, dispatcher } = setup();
    const task = submit();
    for (let kill = 1; kill <= 8; kill++) driver.last.gone({ exitCode: null, signal: "SIGINT" });
    expect(dispatcher.statistics()).toMatchObject({ state: "running", pending: 1, workersLost: 8 });
    expect(dispatcher.statistics().workers).toMatchObject([{ id: 9, state: "starting" }]);
    driver.last.gone({ exitCode: null, signal: "SIGINT" });
    await expect(task).rejects.toMatchObject({
      cause: { message: expect.stringContaining("SIGINT") as string },
    });
    expect(dispatcher.statistics()).toMatchObject({ state: "broken", workers: [] });
  });

  test("because somebody kills the worker counts anew when one has started", () => {
    const { submit, driver, dispatcher } = setup();
    void submit();
    for (let round = 0; round < 3; round++) {
      for (let kill = 1; kill <= 8; kill++) driver.last.gone({ exitCode: null, signal: "SIGINT" });
      driver.last.ready();
      driver.last.gone({ exitCode: 0 });
    }
    expect(dispatcher.statistics().workersStarted).toBe(3);
  });

  test("one that ends while it starts tells the error it died of", async () => {
    const { submit, driver } = setup();
    const task = submit();
    const cause = new SyntaxError("in the preload");
    driver.last.gone({ cause });
    await expect(task).rejects.toMatchObject({ cause });
  });
});

describe("a broken executor", () => {
  test("refuses at once during its pause, and starts nothing", async () => {
    const { submit, driver, clock } = setup();
    const cause = new Error("no file");
    driver.startErrors.push(cause);
    void submit();
    await clock.advance(99);
    await expect(submit()).rejects.toMatchObject({ cause, code: "ERR_OFFLOOP_BROKEN_EXECUTOR" });
    expect(driver.links).toHaveLength(0);
  });

  test("tries one worker with the call that comes after the pause, however many come", async () => {
    const { submit, driver, clock, dispatcher } = setup({ maxWorkers: 4 });
    driver.startErrors.push(new Error("no file"));
    void submit();
    await clock.advance(100);
    const tasks = [submit(), submit(), submit()];
    expect([driver.links.length, dispatcher.statistics().state]).toEqual([1, "probing"]);
    driver.last.ready();
    expect([driver.links.length, dispatcher.statistics().state]).toEqual([3, "running"]);
    expect(tasks.map(({ state }) => state)).toEqual(["running", "pending", "pending"]);
  });

  test("pauses longer each time, and forgets that when a worker starts", async () => {
    const { submit, driver, clock } = setup();
    const fails = async (pauseMs: number): Promise<void> => {
      driver.startErrors.push(new Error("no file"));
      expect(submit().state).toBe("rejected");
      await clock.advance(pauseMs - 1);
      expect(submit().state).toBe("rejected");
      expect(driver.startErrors).toEqual([]);
      await clock.advance(1);
    };
    for (const pauseMs of [100, 200, 400]) await fails(pauseMs);
    void submit();
    driver.last.ready();
    driver.last.claim();
    driver.last.gone();
    await fails(100);
  });

  test("is mended by a worker that was starting all the while", () => {
    const { submit, driver, dispatcher } = setup({ startTimeoutMs: 500 });
    void submit();
    driver.last.startFailed(new Error("no"));
    driver.last.ready();
    expect(dispatcher.statistics().state).toBe("broken");
  });
});

describe("ready()", () => {
  test("starts one worker when there is none, and resolves when it stands", async () => {
    const before = heldHandles();
    const { dispatcher, driver } = setup();
    const ready = dispatcher.ready();
    expect([driver.links.length, heldHandles()]).toEqual([1, before + 1]);
    driver.last.ready();
    await ready;
    await dispatcher.ready();
    expect([driver.links.length, heldHandles()]).toEqual([1, before]);
  });

  test("waits for minWorkers", async () => {
    const { dispatcher, driver } = setup({ minWorkers: 2 });
    dispatcher.open();
    let done = false;
    const ready = dispatcher.ready().then(() => (done = true));
    driver.links[0]!.ready();
    await turn();
    expect(done).toBe(false);
    driver.links[1]!.ready();
    await ready;
  });

  test("rejects when one cannot start, also while others stand, and holds the process no longer", async () => {
    for (const others of [0, 1]) {
      const before = heldHandles();
      const { dispatcher, driver } = setup({ minWorkers: 2 });
      dispatcher.open();
      const ready = dispatcher.ready();
      if (others === 1) driver.links[0]!.ready();
      const cause = new Error("no");
      driver.links[1]!.startFailed(cause);
      await expect(ready).rejects.toBeInstanceOf(BrokenExecutorError);
      await expect(ready).rejects.toMatchObject({ cause });
      expect(heldHandles()).toBe(before);
    }
  });

  test("rejects at once when nothing can be started at all", async () => {
    const { dispatcher, driver } = setup();
    driver.startErrors.push(new Error("no file"));
    await expect(dispatcher.ready()).rejects.toBeInstanceOf(BrokenExecutorError);
    await expect(dispatcher.ready()).rejects.toBeInstanceOf(BrokenExecutorError);
  });

  test("of a broken executor probes after the pause", async () => {
    const { dispatcher, driver, clock } = setup();
    driver.startErrors.push(new Error("no file"));
    await expect(dispatcher.ready()).rejects.toThrow();
    await clock.advance(100);
    const ready = dispatcher.ready();
    driver.last.ready();
    await ready;
    expect(dispatcher.statistics().state).toBe("running");
  });

  test("rejects when the executor is shut down meanwhile, and afterwards", async () => {
    const { dispatcher, driver, clock } = setup();
    const ready = dispatcher.ready();
    const caught = expect(ready).rejects.toBeInstanceOf(ExecutorClosedError);
    const report = dispatcher.shutdown({ cancelPending: false, timeoutMs: 100 });
    await clock.advance(2_000);
    driver.last.gone();
    await report;
    await caught;
    await expect(dispatcher.ready()).rejects.toBeInstanceOf(ExecutorClosedError);
  });

  test("rejects when a worker dies before it had a call and is not replaced", async () => {
    const before = heldHandles();
    const { dispatcher, driver } = setup({ minWorkers: 2 });
    dispatcher.open();
    const caught = expect(dispatcher.ready()).rejects.toBeInstanceOf(BrokenExecutorError);
    driver.links[0]!.ready();
    driver.links[0]!.gone({ cause: new Error("left behind") });
    await caught;
    expect(heldHandles()).toBe(before);
  });

  test("resolves when fewer workers are asked for meanwhile", async () => {
    const before = heldHandles();
    const { dispatcher, driver } = setup({ minWorkers: 2 });
    dispatcher.open();
    const ready = dispatcher.ready();
    driver.links[0]!.ready();
    dispatcher.resize({ minWorkers: 1 });
    await ready;
    expect(heldHandles()).toBe(before);
  });
});

describe("idle workers", () => {
  test("end after idleTimeoutMs, but for minWorkers", async () => {
    const { submit, driver, clock, dispatcher } = setup({ maxWorkers: 3, minWorkers: 1, idleTimeoutMs: 100 });
    for (let count = 0; count < 3; count++) void submit();
    for (const link of driver.links) link.ready();
    for (const link of driver.links) link.answer();
    await clock.advance(99);
    expect(driver.alive).toHaveLength(3);
    await clock.advance(1);
    expect(driver.alive).toHaveLength(1);
    expect(driver.links.filter(({ finishing }) => finishing)).toHaveLength(2);
    await clock.advance(10_000);
    expect(driver.alive).toHaveLength(1);
    expect(dispatcher.statistics().workersLost).toBe(0);
  });

  test("one that worked meanwhile has its time anew", async () => {
    const { submit, firstReady, clock } = setup({ idleTimeoutMs: 100 });
    const link = firstReady();
    await clock.advance(60);
    void submit();
    link.answer();
    await clock.advance(60);
    expect(link.finishing).toBe(false);
    await clock.advance(40);
    expect(link.finishing).toBe(true);
  });

  test("those that were used least end first", async () => {
    const { submit, driver, clock } = setup({ idleTimeoutMs: 100 });
    void submit();
    void submit();
    for (const link of driver.links) link.ready();
    for (const link of driver.links) link.answer();
    await clock.advance(50);
    void submit();
    driver.links[1]!.answer();
    await clock.advance(50);
    expect(driver.links.map(({ finishing }) => finishing)).toEqual([true, false]);
  });

  test("never end without a limit, and at once with none", async () => {
    const endless = setup({ idleTimeoutMs: Infinity });
    const kept = endless.firstReady();
    await endless.clock.advance(1e12);
    expect(kept.finishing).toBe(false);
    const hasty = setup({ idleTimeoutMs: 0 });
    const link = hasty.firstReady();
    await hasty.clock.advance(0);
    expect(link.finishing).toBe(true);
  });

  test("one that ends is killed when its finalizer does not, and its place is free before", async () => {
    const { submit, firstReady, clock, driver } = setup({
      idleTimeoutMs: 100,
      startTimeoutMs: 500,
      maxWorkers: 1,
    });
    const link = firstReady();
    await clock.advance(100);
    expect(submit().state).toBe("pending");
    expect(driver.links).toHaveLength(2);
    await clock.advance(499);
    expect(link.killed).toBe(false);
    await clock.advance(1);
    expect(link.killed).toBe(true);
  });
});

describe("resize", () => {
  test("up starts workers for what waits", () => {
    const { submit, firstReady, driver, dispatcher } = setup({ maxWorkers: 1 });
    firstReady();
    for (let count = 0; count < 3; count++) void submit();
    dispatcher.resize({ maxWorkers: 2 });
    expect(driver.links).toHaveLength(2);
    dispatcher.resize({ maxWorkers: 9 });
    expect(driver.links).toHaveLength(3);
  });

  test("of minWorkers starts them, and lets them go again", async () => {
    const { driver, dispatcher, clock } = setup({ maxWorkers: 4, idleTimeoutMs: 100 });
    dispatcher.resize({ minWorkers: 3 });
    expect(driver.links).toHaveLength(3);
    for (const link of driver.links) link.ready();
    await clock.advance(500);
    expect(driver.alive).toHaveLength(3);
    dispatcher.resize({ minWorkers: 1 });
    await clock.advance(100);
    expect(driver.alive).toHaveLength(1);
  });

  test("down ends idle workers now and busy ones after their call", () => {
    const { submit, driver, dispatcher } = setup({ maxWorkers: 3 });
    for (let count = 0; count < 3; count++) void submit();
    for (const link of driver.links) link.ready();
    driver.links[0]!.answer();
    const waiting = [submit("x"), submit("y")];
    driver.links[0]!.answer();
    expect(waiting.map(({ state }) => state)).toEqual(["fulfilled", "running"]);
    dispatcher.resize({ maxWorkers: 1 });
    expect(driver.alive).toHaveLength(3);
    driver.links[1]!.answer();
    driver.links[2]!.answer();
    expect(driver.links.map(({ finishing }) => finishing)).toEqual([false, true, true]);
    driver.links[0]!.answer();
    expect(driver.alive).toHaveLength(1);
    expect(driver.links[0]!.finishing).toBe(false);
  });

  test("down while workers start ends those that are too many as they become ready", () => {
    const { submit, driver, dispatcher } = setup({ maxWorkers: 2 });
    const tasks = [submit(), submit()];
    dispatcher.resize({ maxWorkers: 1 });
    driver.links[0]!.ready();
    driver.links[1]!.ready();
    expect(driver.links.filter(({ finishing }) => finishing)).toHaveLength(1);
    driver.alive[0]!.answer();
    driver.alive[0]!.answer();
    expect(tasks.every(({ state }) => state === "fulfilled")).toBe(true);
  });

  test("after shutdown does nothing", async () => {
    const { driver, dispatcher } = setup();
    await dispatcher.shutdown({ cancelPending: false, timeoutMs: 0 });
    dispatcher.resize({ minWorkers: 2 });
    expect(driver.links).toHaveLength(0);
  });
});
