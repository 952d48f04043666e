import { Task } from "#internal/core/task";
import { describe, expect, test } from "vitest";
import { handle, setup, type Setup, turn } from "./fake-workers.ts";

function broadcast({ dispatcher }: Setup, name = "all"): Task<unknown>[] {
  return dispatcher.broadcast(() => {
    const task = new Task<unknown>(dispatcher, handle, [], { name });
    task.catch(() => {});
    return task;
  });
}

describe("broadcast", () => {
  test("each worker that has started runs it once, before what waits", () => {
    const all = setup({ maxWorkers: 2 });
    const { submit, driver } = all;
    for (const name of ["a", "b", "c", "d"]) void submit(name);
    for (const link of driver.links) link.ready();
    const tasks = broadcast(all);
    expect(tasks).toHaveLength(2);
    for (const link of driver.links) {
      link.answer();
      link.answer();
    }
    expect(driver.links.map(({ sent }) => sent)).toEqual([
      ["a", "all", "c"],
      ["b", "all", "d"],
    ]);
    expect(tasks.map(({ state }) => state)).toEqual(["fulfilled", "fulfilled"]);
  });

  test("none where no worker has started; a starting one is not meant", () => {
    const all = setup();
    expect(broadcast(all)).toEqual([]);
    void all.submit();
    expect(broadcast(all)).toEqual([]);
  });

  test("comes between two frames, however much waits", () => {
    const all = setup({ most: 16, maxWorkers: 1 });
    const link = all.firstReady();
    void all.submit("warm");
    link.runMs = 0.01;
    link.answer();
    for (let count = 0; count < 100; count++) void all.submit("small");
    link.answer();
    const has = link.has.length;
    void broadcast(all);
    while (!link.sent.includes("all")) link.answer();
    expect(link.sent.indexOf("all")).toBe(2 + has);
    expect(link.frames.at(-1)).toBe(1);
  });

  test("is told when a worker dies before it or in it", async () => {
    const all = setup({ maxWorkers: 2 });
    for (const name of ["a", "b"]) void all.submit(name);
    for (const link of all.driver.links) link.ready();
    const [first, second] = broadcast(all);
    all.driver.links[0]!.gone();
    await expect(first).rejects.toMatchObject({ code: "ERR_OFFLOOP_WORKER_LOST", workerId: 1 });
    all.driver.links[1]!.answer();
    all.driver.links[1]!.claim();
    all.driver.links[1]!.gone();
    await expect(second).rejects.toMatchObject({ phase: "running" });
    expect(all.dispatcher.statistics()).toMatchObject({ pending: 1, running: 0, lost: 2 });
  });

  test("a worker that has had enough runs it before it ends", () => {
    const all = setup({ maxWorkers: 1, maxTasksPerWorker: 1 });
    const link = all.firstReady();
    void all.submit("a");
    void broadcast(all);
    link.answer();
    expect(link.sent).toEqual(["a", "all"]);
    link.answer();
    expect(link.finishing).toBe(true);
  });

  test("an idle worker that is too old runs it before it ends", async () => {
    const all = setup({ maxWorkers: 1, maxWorkerAgeMs: 1_000 });
    const link = all.firstReady();
    await all.clock.advance(2_000);
    const [task] = broadcast(all);
    expect(link.sent).toEqual(["all"]);
    link.answer();
    expect(task!.state).toBe("fulfilled");
    expect(link.finishing).toBe(true);
    await all.dispatcher.idle();
  });

  test("a shutdown waits for it; after that there is none", async () => {
    const all = setup({ maxWorkers: 1 });
    const link = all.firstReady();
    void all.submit("a");
    const [task] = broadcast(all);
    const closing = all.dispatcher.shutdown({ cancelPending: true, timeoutMs: Infinity });
    expect(task!.state).toBe("cancelled");
    link.answer();
    await turn();
    link.gone();
    expect(await closing).toMatchObject({ finished: 1, cancelled: [{ name: "all" }] });
    expect(() => broadcast(all)).toThrow(/shut down|closed/);
  });
});
