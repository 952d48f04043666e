import { describe, expect, test } from "vitest";
import { setup } from "./fake-workers.ts";

describe("maxTasksPerWorker", () => {
  test("ends a worker after so many, and starts another for what waits", async () => {
    const { submit, firstReady, driver, dispatcher } = setup({ maxWorkers: 1, maxTasksPerWorker: 2 });
    const first = firstReady();
    const tasks = ["a", "b", "c"].map((name) => submit(name));
    first.answer();
    first.answer();
    expect(first.finishing).toBe(true);
    expect(first.sent).toEqual(["a", "b"]);
    driver.last.ready();
    driver.last.answer();
    expect(await Promise.all(tasks)).toEqual(["done", "done", "done"]);
    expect(driver.last.sent).toEqual(["c"]);
    expect(dispatcher.statistics()).toMatchObject({ workersRecycled: 1, workersStarted: 2, workersLost: 0 });
  });

  test("sends no more in a frame than that", async () => {
    const { submit, firstReady, driver, clock } = setup({ most: 16, maxWorkers: 1, maxTasksPerWorker: 5 });
    const link = firstReady();
    const warm = submit();
    link.answer();
    await warm;
    for (let count = 0; count < 20; count++) void submit();
    await clock.advance(0);
    while (link.has.length > 0) link.answer();
    expect(link.sent).toHaveLength(5);
    expect(link.finishing).toBe(true);
    expect(driver.links).toHaveLength(2);
  });

  test("starts nobody when nothing waits, but for minWorkers", () => {
    const one = setup({ maxWorkers: 2, maxTasksPerWorker: 1 });
    const link = one.firstReady();
    void one.submit();
    link.answer();
    expect(link.finishing).toBe(true);
    expect(one.driver.links).toHaveLength(1);
    const kept = setup({ maxWorkers: 1, minWorkers: 1, maxTasksPerWorker: 1 });
    kept.dispatcher.open();
    kept.driver.last.ready();
    void kept.submit();
    kept.driver.last.answer();
    expect(kept.driver.links).toHaveLength(2);
  });

  test("does not hold up a shutdown", async () => {
    const { submit, firstReady, dispatcher } = setup({ maxWorkers: 1, maxTasksPerWorker: 1 });
    const link = firstReady();
    void submit();
    const down = dispatcher.shutdown({ cancelPending: false, timeoutMs: 1_000 });
    link.answer();
    await dispatcher.idle();
    link.gone({ exitCode: 0 });
    expect(await down).toMatchObject({ finished: 1 });
  });
});

describe("maxWorkerAgeMs", () => {
  test("ends a busy worker after its call", async () => {
    const { submit, firstReady, driver, clock, dispatcher } = setup({ maxWorkers: 1, maxWorkerAgeMs: 1_000 });
    const first = firstReady();
    void submit("a");
    void submit("b");
    await clock.advance(1_000);
    expect(first.finishing).toBe(false);
    first.answer();
    expect([first.finishing, first.sent]).toEqual([true, ["a"]]);
    driver.last.ready();
    expect(driver.last.sent).toEqual(["b"]);
    expect(dispatcher.statistics().workersRecycled).toBe(1);
  });

  test("an idle one when a call would take it", async () => {
    const { submit, firstReady, driver, clock } = setup({ maxWorkers: 1, maxWorkerAgeMs: 1_000 });
    const first = firstReady();
    await clock.advance(999);
    void submit("in time");
    first.answer();
    await clock.advance(1);
    const task = submit("late");
    expect([first.finishing, task.state]).toEqual([true, "pending"]);
    driver.last.ready();
    expect(driver.last.sent).toEqual(["late"]);
  });
});
