/** Which calls leave together, and when what has left comes back. */
import { functionHandle } from "#internal/core/function-handle";
import { Task } from "#internal/core/task";
import { transfer } from "#internal/wire/transfer";
import { describe, expect, test } from "vitest";
import { type FakeLink, setup, type Setup, turn } from "./fake-workers.ts";

/** The executor has seen so many runs of the function by now that it knows how long they take. */
function learn({ submit }: Setup, link: FakeLink, runMs: number): void {
  link.runMs = runMs;
  for (let call = 0; call < 50; call++) {
    void submit("warm");
    link.answer();
  }
  link.frames.length = 0;
}

function many({ submit }: Setup, count: number): Task<unknown>[] {
  return [...Array(count).keys()].map((n) => submit(String(n)));
}

/** A worker that knows the function, and how long it takes. */
function one(runMs: number, most = 256): Setup & { link: FakeLink } {
  const all = setup({ maxWorkers: 1, most });
  const link = all.firstReady();
  learn(all, link, runMs);
  return { ...all, link };
}

describe("calls that find all workers busy", () => {
  test.each([
    [0.001, [1, 255, 128]],
    [0.1, [1, 10, 5]],
    [0.4, [1, 2, 1]],
    [0.9, [1, 1, 1]],
    [20, [1, 1, 1]],
  ])("leave together, for about a millisecond of work: %d ms each", (runMs, frames) => {
    const { link, ...all } = one(runMs);
    void many(all, 1_000);
    expect(link.frames).toEqual([1]);
    link.answer();
    while (link.frames.length < 3) link.answer();
    // A frame may be short by one: sums of tenths.
    for (const [index, size] of frames.entries()) {
      expect(Math.abs(link.frames[index]! - size)).toBeLessThanOrEqual(1);
    }
  });

  test("of a function that nobody knows leave one by one", () => {
    const all = setup({ maxWorkers: 1, most: 256 });
    const link = all.firstReady();
    void many(all, 10);
    expect(link.frames).toEqual([1]);
    link.runMs = 0.001;
    link.answer();
    expect(link.frames).toEqual([1, 9]);
  });

  test("leave one by one where frames are turned off", () => {
    const { link, ...all } = one(0.001, 1);
    void many(all, 5);
    for (let call = 0; call < 5; call++) link.answer();
    expect(link.frames).toEqual([1, 1, 1, 1, 1]);
  });

  test("are shared out: a worker takes its part of what waits", () => {
    const all = setup({ maxWorkers: 2, most: 256 });
    void many(all, 1);
    const [a] = all.driver.links as [FakeLink];
    a.ready();
    a.answer();
    learn(all, a, 0.01);
    void all.submit("at a");
    void all.submit("starts b");
    const b = all.driver.last;
    b.ready();
    b.runMs = 0.01;
    void many(all, 60);
    a.answer();
    b.answer();
    expect([a.frames.at(-1), b.frames.at(-1)]).toEqual([30, 15]);
  });

  test("do not leave behind one that may take long", () => {
    const { link, submit, ...all } = one(0.001);
    const slow = functionHandle(() => {}, null);
    void submit("busy");
    const unknown = new Task<unknown>(all.dispatcher, slow, [], { name: "unknown" });
    all.dispatcher.submit(unknown);
    void submit("behind");
    link.answer();
    expect(link.has.map(({ name }) => name)).toEqual(["unknown"]);
    link.answer();
    expect(link.has.map(({ name }) => name)).toEqual(["behind"]);
  });

  test("wait here while the channel to a worker is full, until it has nothing", () => {
    const { link, ...all } = one(0.001);
    void many(all, 1_000);
    link.isCongested = true;
    for (let call = 0; call < 256; call++) link.answer();
    expect(link.frames).toEqual([1, 256]);
    link.answer();
    expect(link.frames).toEqual([1, 256, 256]);
    link.isCongested = false;
    for (let call = 0; call < 128; call++) link.answer();
    expect(link.frames).toEqual([1, 256, 256, 128]);
  });

  test("that move something or have a definition of their own leave alone", () => {
    const { link, submit, dispatcher } = one(0.001);
    void submit("busy");
    void submit("a");
    const bytes = new Uint8Array(1);
    void submit("moves", {}, [transfer(bytes, [bytes.buffer])]);
    void submit("b");
    const once = functionHandle(() => {}, {}, true);
    dispatcher.submit(new Task<unknown>(dispatcher, once, [], { name: "once" }));
    void submit("c");
    const frames: string[][] = [];
    while (link.has.length > 0) {
      frames.push(link.has.map(({ name }) => name));
      for (let left = link.has.length; left > 0; left--) link.answer();
    }
    expect(frames).toEqual([["busy"], ["a"], ["moves"], ["b"], ["once"], ["c"]]);
  });
});

describe("a call that one of several cannot leave for", () => {
  test("is the only one that is rejected", async () => {
    const { link, ...all } = one(0.001);
    const tasks = many(all, 6);
    const refusal = new Error("cannot be copied");
    // Together, then each by itself: the second one.
    link.sendErrors.push(refusal, undefined, refusal);
    link.answer();
    expect(tasks.map(({ state }) => state)).toEqual([
      "fulfilled",
      "running",
      "rejected",
      "pending",
      "pending",
      "pending",
    ]);
    expect(link.has).toHaveLength(4);
    await expect(tasks[2]).rejects.toMatchObject({ code: "ERR_OFFLOOP_SERIALIZATION" });
  });
});

describe("what a worker has not begun", () => {
  /** Two workers; the first one has begun the first of ten calls, the other is busy with one. */
  function two(): Setup & { a: FakeLink; b: FakeLink; tasks: Task<unknown>[] } {
    const all = setup({ maxWorkers: 2, minWorkers: 2, most: 256 });
    all.dispatcher.open();
    const [a, b] = all.driver.links as [FakeLink, FakeLink];
    a.ready();
    learn(all, a, 0.1);
    void all.submit("first");
    b.ready();
    b.runMs = 0.1;
    void all.submit("at b");
    const tasks = many(all, 10);
    a.answer();
    a.claim();
    return { ...all, a, b, tasks };
  }

  test("comes back when another worker is idle", () => {
    const { a, b, tasks, dispatcher } = two();
    expect([a.has.length, b.has.length]).toEqual([5, 1]);
    b.answer();
    for (let call = 0; call < 5; call++) b.answer();
    // It has done all that waited, and gets half of what the other has not begun.
    expect(b.has.length).toBeGreaterThan(0);
    while (b.has.length > 0) b.answer();
    expect(tasks.map(({ state }) => state === "fulfilled")).toEqual(tasks.map((_, n) => n > 0));
    expect(tasks[0]!.state).toBe("running");
    expect(dispatcher.statistics()).toMatchObject({ requeued: 0, running: 1, pending: 0 });
  });

  test("goes first in the queue when the call before it is slow, also while all others are busy", async () => {
    const { a, b, tasks, clock } = two();
    await clock.advance(8);
    expect(a.has).toEqual([tasks[0]]);
    b.answer();
    expect(b.has[0]).toBe(tasks[1]);
  });

  test("stays while the worker gets on", async () => {
    const { a, clock } = two();
    for (let call = 0; call < 3; call++) {
      await clock.advance(3);
      a.claim();
    }
    expect(a.has).toHaveLength(5);
  });

  test("comes back when the worker dies, and only what ran is lost", async () => {
    const { a, b, tasks, dispatcher } = two();
    a.claim();
    a.claim();
    a.gone();
    await expect(tasks[0]).rejects.toMatchObject({ phase: "finished", attempts: 1 });
    await expect(tasks[1]).rejects.toMatchObject({ phase: "finished", attempts: 1 });
    await expect(tasks[2]).rejects.toMatchObject({ phase: "running", attempts: 1 });
    expect(tasks.slice(3).map(({ state }) => state)).toEqual(tasks.slice(3).map(() => "pending"));
    expect(dispatcher.statistics()).toMatchObject({ lost: 3, requeued: 2, running: 1, pending: 7 });
    while (b.has.length > 0) b.answer();
    expect(tasks.slice(3).every(({ state }) => state === "fulfilled")).toBe(true);
  });

  test("has nothing to do with what a killed worker has sent before: that is still read", async () => {
    const { a, tasks, dispatcher } = two();
    a.answerUnread("first");
    a.claim();
    // Its way to here is a pipe, which only the event loop reads.
    a.canDrain = false;
    expect(tasks[1]!.cancel()).toBe(true);
    expect([a.killed, tasks[0]!.state, dispatcher.statistics().requeued]).toEqual([true, "running", 0]);
    a.canDrain = true;
    a.gone();
    expect(await tasks[0]).toBe("first");
    expect(dispatcher.statistics()).toMatchObject({ lost: 0, cancelled: 1 });
  });

  test("nor with what it has sent and never arrives", async () => {
    const { a, tasks, clock, dispatcher } = two();
    a.answerUnread("first");
    a.claim();
    a.canDrain = false;
    tasks[1]!.cancel();
    await clock.advance(999);
    expect(tasks[0]!.state).toBe("running");
    await clock.advance(1);
    await expect(tasks[0]).rejects.toMatchObject({ phase: "finished" });
    expect(dispatcher.statistics()).toMatchObject({ lost: 1, cancelled: 1 });
  });

  test("nor with what waits in it, which can be read when it gets on no more", async () => {
    const { a, tasks, clock, dispatcher } = two();
    a.keep("first");
    a.claim();
    await clock.advance(8);
    expect(await tasks[0]).toBe("first");
    expect([tasks[1]!.state, tasks[2]!.state]).toEqual(["running", "pending"]);
    a.answer("late");
    a.answer("second");
    expect(await tasks[1]).toBe("second");
    expect(dispatcher.statistics()).toMatchObject({ lost: 0, requeued: 0 });
  });

  test.each(["gone", "killed"])("nor, when it has %s, with what had ended", async (how) => {
    const { a, tasks, dispatcher } = two();
    a.keep("first");
    a.claim();
    a.keep(undefined);
    a.claim();
    if (how === "gone") a.gone();
    else tasks[2]!.cancel();
    expect(await Promise.all([tasks[0], tasks[1]])).toEqual(["first", undefined]);
    expect(dispatcher.statistics()).toMatchObject({
      lost: how === "gone" ? 1 : 0,
      rejected: how === "gone" ? 1 : 0,
    });
  });

  test("is not to blame for the death of three workers", async () => {
    const { link, driver, dispatcher, ...all } = one(0.001);
    const tasks = many({ dispatcher, driver, ...all }, 6);
    link.answer();
    for (let death = 0; death < 4; death++) {
      driver.last.claim();
      driver.last.gone();
      // From the third one on there is a pause.
      await all.clock.advance(death < 2 ? 0 : 200);
      driver.last.ready();
      driver.last.runMs = 0.001;
    }
    await expect(tasks[4]).rejects.toMatchObject({ phase: "running" });
    driver.last.answer();
    expect(tasks[5]!.state).toBe("fulfilled");
  });

  test("is taken back for the one that is cancelled; the others leave again in their order", () => {
    const { link, ...all } = one(0.1);
    const tasks = many(all, 6);
    link.answer();
    link.claim();
    expect(tasks[3]!.cancel()).toBe(true);
    expect([link.killed, link.has.length, all.dispatcher.statistics().pending]).toEqual([false, 1, 3]);
    link.answer();
    expect(link.has.map(({ name }) => name)).toEqual(["2", "4", "5"]);
  });

  test("is what a shutdown cancels; what has begun may end", async () => {
    const { link, dispatcher, ...all } = one(0.1);
    const tasks = many({ dispatcher, ...all }, 6);
    link.answer();
    link.claim();
    const report = dispatcher.shutdown({ cancelPending: true, timeoutMs: 1_000 });
    expect(tasks.map(({ state }) => state)).toEqual([
      "fulfilled",
      "running",
      ...Array<string>(4).fill("cancelled"),
    ]);
    link.answer();
    await turn();
    link.gone();
    expect(await report).toMatchObject({ finished: 1, killed: [], timedOut: false });
    expect((await report).cancelled.map(({ name }) => name)).toEqual(["2", "3", "4", "5"]);
  });
});

describe("a message of several calls that cannot be read", () => {
  test("there: each is sent again, alone, and the one that it was is rejected", async () => {
    const { link, ...all } = one(0.1);
    const tasks = many(all, 4);
    link.answer();
    const cause = new Error("cannot be read");
    link.refuse(cause);
    expect(link.has).toEqual([tasks[1]]);
    link.answer();
    link.refuse(cause);
    link.answer();
    expect(tasks.map(({ state }) => state)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
    await expect(tasks[2]).rejects.toMatchObject({
      code: "ERR_OFFLOOP_SERIALIZATION",
      direction: "argument",
    });
  });

  test("here: its results are lost, and no other's", async () => {
    const { link, ...all } = one(0.1);
    const tasks = many(all, 5);
    link.answer();
    link.answerUnread();
    link.unreadable(new Error("cannot be read"));
    expect(tasks.map(({ state }) => state)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
      "running",
      "pending",
    ]);
    await expect(tasks[2]).rejects.toMatchObject({ direction: "result" });
    link.answer();
    link.answer();
    expect(tasks.slice(3).map(({ state }) => state)).toEqual(["fulfilled", "fulfilled"]);
  });

  test("here: what came behind it is read", () => {
    const { link, ...all } = one(0.1);
    const tasks = many(all, 4);
    link.answer();
    link.unreadableUnread(new Error("cannot be read"));
    link.answerUnread("behind");
    link.drain();
    expect(tasks.map(({ state }) => state)).toEqual(["fulfilled", "rejected", "fulfilled", "running"]);
  });
});

describe("a task that has begun as one of several", () => {
  test("is not worth its worker when it has ended: the answer is dropped", () => {
    const { link, ...all } = one(0.1);
    const tasks = many(all, 4);
    link.answer();
    link.claim();
    link.claim();
    expect(tasks[1]!.cancel()).toBe(true);
    expect([link.killed, tasks[1]!.state, tasks[2]!.state]).toEqual([false, "cancelled", "running"]);
    link.answer();
    link.answer();
    expect([tasks[1]!.state, tasks[2]!.state]).toEqual(["cancelled", "fulfilled"]);
  });

  test("has a time limit of its own, from when it began", async () => {
    const { link, clock, submit } = one(0.1);
    void submit("a");
    void submit("b");
    const limited = submit("c", { timeoutMs: 100 });
    const last = submit("d");
    link.answer();
    link.claim();
    await clock.advance(90);
    link.answer();
    link.claim();
    await clock.advance(99);
    expect([limited.state, link.killed]).toEqual(["running", false]);
    await clock.advance(1);
    await expect(limited).rejects.toMatchObject({ phase: "running", timeoutMs: 100 });
    expect([link.killed, last.state]).toEqual([true, "pending"]);
  });
});
