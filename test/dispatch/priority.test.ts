import { describe, expect, test } from "vitest";
import { setup } from "./fake-workers.ts";

describe("priority", () => {
  test("lets what is higher leave first, and equals in their order", () => {
    const { submit, firstReady } = setup({ maxWorkers: 1 });
    const link = firstReady();
    void submit("running");
    const given: [string, number?][] = [["a"], ["b", 1], ["c", -1], ["d", 5], ["e", 1], ["f", 0]];
    for (const [name, priority] of given) void submit(name, priority === undefined ? {} : { priority });
    for (let count = 0; count <= given.length; count++) link.answer();
    expect(link.sent).toEqual(["running", "d", "b", "e", "a", "f", "c"]);
  });

  test("grows by one each second: nothing starves under a stream of higher ones", async () => {
    const { submit, firstReady, clock } = setup({ maxWorkers: 1 });
    const link = firstReady();
    void submit("running");
    void submit("low");
    void submit("lowest", { priority: -2 });
    // One call of 100 ms after the other, and always five of priority 3 that wait.
    for (let count = 0; !link.sent.includes("lowest") && count < 500; count++) {
      while (link.sent.length + 5 > count) {
        void submit(`high ${count}`, { priority: 3 });
        count++;
      }
      await clock.advance(100);
      link.answer();
    }
    // Everything above was submitted within 3 s after "low" and 5 s after "lowest"; each takes 100 ms.
    const [low, lowest] = ["low", "lowest"].map((name) => link.sent.indexOf(name));
    expect(low).toBeGreaterThan(5);
    expect(low).toBeLessThanOrEqual(1 + 30 + 5 + 1);
    expect(lowest).toBeLessThanOrEqual(1 + 50 + 5 + 2);
  });

  test("each keeps its own in a frame, and what is taken back regains its place", async () => {
    const { submit, firstReady, clock } = setup({ most: 16, maxWorkers: 1 });
    const link = firstReady();
    void submit("warm");
    link.runMs = 0.01;
    link.answer();
    void submit("running");
    for (const [name, priority] of [["a", 1] as const, ["b", 2] as const, ["c", 0] as const]) {
      void submit(name, { priority });
    }
    link.answer();
    expect(link.frames.at(-1)).toBe(3);
    link.claim();
    void submit("urgent", { priority: 9 });
    // The first one does not end: the others come back, and leave behind what is more urgent by now.
    await clock.advance(10);
    expect(link.has.map(({ name }) => name)).toEqual(["b"]);
    link.answer();
    link.answer();
    expect(link.sent.slice(2)).toEqual(["b", "a", "c", "urgent", "a", "c"]);
  });

  test("one that waits can be cancelled, and its queue time limit holds", async () => {
    const { submit, firstReady, clock, dispatcher } = setup({ maxWorkers: 1 });
    const link = firstReady();
    void submit("running");
    const tasks = [3, 1, 2].map((priority) => submit(`p${priority}`, { priority }));
    const limited = submit("limited", { priority: 8, queueTimeoutMs: 50 });
    expect(tasks[0]!.cancel()).toBe(true);
    await clock.advance(50);
    await expect(limited).rejects.toMatchObject({ code: "ERR_OFFLOOP_TASK_TIMEOUT", phase: "queued" });
    for (let count = 0; count < 3; count++) link.answer();
    expect(link.sent).toEqual(["running", "p2", "p1"]);
    expect(dispatcher.statistics()).toMatchObject({ pending: 0, running: 0, cancelled: 1, rejected: 1 });
  });

  test("what its worker lost before it began goes back to its place", () => {
    const { submit, firstReady, driver } = setup({ most: 16, maxWorkers: 1 });
    const link = firstReady();
    void submit("warm");
    link.runMs = 0.01;
    link.answer();
    void submit("running");
    void submit("a", { priority: 1 });
    void submit("b");
    link.answer();
    link.claim();
    link.gone();
    void submit("c", { priority: 2 });
    driver.last.ready();
    for (let count = 0; count < 2; count++) driver.last.answer();
    expect(driver.last.sent).toEqual(["c", "b"]);
  });
});
