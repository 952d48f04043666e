import { WorkerLostError } from "#internal/core/errors";
import { transfer } from "#internal/wire/transfer";
import { afterEach, describe, expect, test } from "vitest";
import { heldHandles, setup, turn } from "./fake-workers.ts";

describe("a worker that goes before it began its call", () => {
  test("loses nothing: the call goes first in the queue, to another worker", () => {
    const { submit, firstReady, driver, dispatcher } = setup({ maxWorkers: 1 });
    const link = firstReady();
    const [first, second] = [submit("a"), submit("b")];
    link.gone();
    expect([first.state, second.state]).toEqual(["pending", "pending"]);
    driver.last.ready();
    driver.last.answer(1);
    driver.last.answer(2);
    expect(driver.last.sent).toEqual(["a", "b"]);
    expect([first.state, second.state]).toEqual(["fulfilled", "fulfilled"]);
    expect(dispatcher.statistics()).toMatchObject({
      requeued: 1,
      lost: 0,
      workersLost: 1,
      workersStarted: 2,
    });
  });

  test("gives it to an idle worker, if there is one", () => {
    const { submit, driver } = setup({ maxWorkers: 2 });
    const [, second] = [submit("a"), submit("b")];
    for (const link of driver.links) link.ready();
    driver.links[0]!.answer();
    driver.links[1]!.gone();
    expect(second.state).toBe("running");
    expect(driver.links.map(({ sent }) => sent)).toEqual([["a", "b"], ["b"]]);
  });

  test("or while it loaded the function, is the same", () => {
    const { submit, firstReady, dispatcher } = setup({ maxWorkers: 1 });
    const link = firstReady();
    const task = submit();
    link.load();
    link.gone();
    expect(task.state).toBe("pending");
    expect(dispatcher.statistics()).toMatchObject({ requeued: 1, lost: 0 });
  });

  test("three times is enough: then the call is lost, and nobody knows whether it ran", async () => {
    const { submit, driver, dispatcher } = setup({ maxWorkers: 1 });
    const task = submit("deadly");
    for (let count = 1; count <= 3; count++) {
      expect(task.state).toBe("pending");
      driver.last.ready();
      expect(task.state).toBe("running");
      driver.last.gone({ exitCode: 7 });
    }
    expect(driver.links).toHaveLength(3);
    await expect(task).rejects.toBeInstanceOf(WorkerLostError);
    await expect(task).rejects.toMatchObject({ phase: "unknown", attempts: 3, exitCode: 7, workerId: 3 });
    expect(dispatcher.statistics()).toMatchObject({ requeued: 2, lost: 1, rejected: 1 });
  });

  test("a call that moved something is not sent again: it is not whole any more", async () => {
    const { submit, firstReady } = setup({ maxWorkers: 1 });
    const link = firstReady();
    const bytes = new Uint8Array(8);
    const task = submit("moved", {}, [1, transfer(bytes, [bytes.buffer])]);
    link.gone();
    await expect(task).rejects.toMatchObject({
      code: "ERR_OFFLOOP_WORKER_LOST",
      phase: "unknown",
      attempts: 1,
    });
  });

  test("the workers of several calls that go together lose none", () => {
    const { submit, driver, dispatcher } = setup({ maxWorkers: 3 });
    const tasks = ["a", "b", "c", "d"].map((name) => submit(name));
    for (const link of driver.links) link.ready();
    const all = driver.links.slice();
    for (const link of all) link.gone();
    expect(tasks.every(({ state }) => state === "pending")).toBe(true);
    for (const link of driver.alive) link.ready();
    for (const link of driver.alive) link.answer();
    driver.alive.find(({ has }) => has.length > 0)!.answer();
    expect(tasks.every(({ state }) => state === "fulfilled")).toBe(true);
    expect(dispatcher.statistics()).toMatchObject({ requeued: 3, fulfilled: 4 });
  });
});

describe("a worker that goes with its call begun", () => {
  test("loses it, and the error says how", async () => {
    const { submit, firstReady, dispatcher, driver } = setup({ maxWorkers: 1 });
    const link = firstReady();
    const task = submit("crash");
    link.claim();
    const cause = new Error("uncaught");
    link.gone({ exitCode: null, signal: "SIGKILL", cause });
    await expect(task).rejects.toBeInstanceOf(WorkerLostError);
    await expect(task).rejects.toMatchObject({
      phase: "running",
      signal: "SIGKILL",
      exitCode: null,
      oom: false,
      attempts: 1,
      workerId: 1,
      cause,
    });
    expect(dispatcher.statistics()).toMatchObject({ lost: 1, requeued: 0, workersLost: 1 });
    // Nothing waits, so nothing starts.
    expect(driver.links).toHaveLength(1);
  });

  test("after its answer has left says that it was finished", async () => {
    const { submit, firstReady } = setup({ maxWorkers: 1 });
    const link = firstReady();
    const task = submit();
    link.claim();
    link.words.leave(1);
    link.gone();
    await expect(task).rejects.toMatchObject({ phase: "finished" });
  });

  test("with the answer arrived and unread settles it with the answer", async () => {
    const { submit, firstReady, dispatcher } = setup({ maxWorkers: 1 });
    const link = firstReady();
    const task = submit();
    link.answerUnread("in time");
    link.gone();
    expect(await task).toBe("in time");
    expect(dispatcher.statistics()).toMatchObject({ lost: 0, fulfilled: 1 });
  });

  test("is replaced for those that wait", () => {
    const { submit, firstReady, driver } = setup({ maxWorkers: 1 });
    const link = firstReady();
    const [first, second] = [submit("a"), submit("b")];
    link.claim();
    link.gone();
    expect([first.state, second.state, driver.links.length]).toEqual(["rejected", "pending", 2]);
    driver.last.ready();
    expect(second.state).toBe("running");
  });
});

describe("a worker that goes while its call has settled", () => {
  test.each([true, false])("is no loss of a call (looked: %s)", async (looked) => {
    const { submit, firstReady, dispatcher, clock } = setup({ maxWorkers: 1 });
    const link = firstReady();
    const task = submit();
    link.claim();
    if (looked) link.words.look(task.id);
    task.cancel("mine");
    link.gone();
    await clock.advance(10_000);
    await expect(task).rejects.toBe("mine");
    expect(dispatcher.statistics()).toMatchObject({ lost: 0, cancelled: 1, rejected: 0, workers: [] });
  });
});

describe("an idle worker that goes", () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  afterEach(() => {
    process.off("warning", onWarning);
    warnings.length = 0;
  });

  test("is not used, and is warned of when it died of an error", async () => {
    process.on("warning", onWarning);
    const { submit, firstReady, driver } = setup();
    firstReady().gone({ cause: new Error("left behind") });
    const task = submit();
    expect(driver.links).toHaveLength(2);
    driver.last.ready();
    expect(task.state).toBe("running");
    await turn();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ name: "OffloopWarning", code: "OFFLOOP_WARN_WORKER_LOST" });
    expect(warnings[0]!.message).toContain("left behind");
  });

  test("in peace is not warned of", async () => {
    process.on("warning", onWarning);
    setup().firstReady().gone({ exitCode: 0 });
    await turn();
    expect(warnings).toEqual([]);
  });

  test("is replaced when it is one of minWorkers and had worked", () => {
    const { dispatcher, driver, submit } = setup({ minWorkers: 1 });
    dispatcher.open();
    driver.last.ready();
    void submit();
    driver.last.answer();
    driver.last.gone();
    expect(driver.links).toHaveLength(2);
  });

  test("is not replaced when it never worked, or it would be for ever", () => {
    const { dispatcher, driver, submit } = setup({ minWorkers: 1 });
    dispatcher.open();
    driver.last.ready();
    driver.last.gone();
    expect(driver.links).toHaveLength(1);
    void submit();
    expect(driver.links).toHaveLength(2);
  });
});

describe("a worker that is ended for its call", () => {
  test("is replaced at once when it is one of minWorkers", () => {
    const { dispatcher, driver, submit } = setup({ minWorkers: 1, maxWorkers: 1 });
    dispatcher.open();
    driver.last.ready();
    const task = submit();
    driver.last.claim();
    task.cancel();
    expect(driver.links.map(({ killed }) => killed)).toEqual([true, false]);
  });

  test("leaves nothing that holds the process", () => {
    const before = heldHandles();
    const { submit, firstReady } = setup();
    const link = firstReady();
    const task = submit();
    link.claim();
    task.cancel();
    expect(heldHandles()).toBe(before);
    link.gone();
    expect(heldHandles()).toBe(before);
  });

  test("what it still says is not heard", () => {
    const { submit, firstReady, dispatcher } = setup();
    const link = firstReady();
    const task = submit();
    link.claim();
    task.cancel();
    link.answer("late");
    link.ready();
    link.startFailed(new Error("late"));
    expect(task.state).toBe("cancelled");
    expect(dispatcher.statistics()).toMatchObject({ state: "running", fulfilled: 0, workersStarted: 1 });
  });
});
