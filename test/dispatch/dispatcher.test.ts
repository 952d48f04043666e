import { QueueFullError, SerializationError, TravelError } from "#internal/core/errors";
import { describe, expect, test } from "vitest";
import { heldHandles, setup } from "./fake-workers.ts";

describe("a call", () => {
  test("starts a worker, waits for it, runs, settles", async () => {
    const { dispatcher, driver, submit } = setup();
    const task = submit("first");
    expect([task.state, driver.links.length, dispatcher.statistics().pending]).toEqual(["pending", 1, 1]);
    driver.last.ready();
    expect([task.state, task.workerId, driver.last.sent]).toEqual(["running", 1, ["first"]]);
    driver.last.answer(42);
    expect(task.state).toBe("fulfilled");
    expect(await task).toBe(42);
    expect(task.timing).toMatchObject({ queuedMs: 0, runMs: 1 });
  });

  test("goes to a free worker before submit returns", () => {
    const { submit, firstReady } = setup();
    const link = firstReady();
    expect(submit().state).toBe("running");
    expect(link.has).toHaveLength(1);
  });

  test("rejects with what the function threw", async () => {
    const { submit, firstReady } = setup();
    const link = firstReady();
    const task = submit();
    link.fail(new RangeError("no"));
    await expect(task).rejects.toThrow(RangeError);
    await expect(task).rejects.toHaveProperty("stack", expect.stringContaining("worker 1 of fakes"));
  });

  test("rejects when its answer arrives and cannot be read, and the worker goes on", async () => {
    const { submit, firstReady, dispatcher } = setup();
    const link = firstReady();
    const task = submit();
    link.unreadable(new Error("bad data"));
    await expect(task).rejects.toMatchObject({ direction: "result", cause: { message: "bad data" } });
    expect(submit().state).toBe("running");
    expect(dispatcher.statistics().workersLost).toBe(0);
  });

  test("rejects when its answer cannot be rebuilt on this side, and nothing else is hurt", async () => {
    const { submit, firstReady } = setup(
      { maxWorkers: 1 },
      {
        findErrorClass: () => {
          throw new Error("looking for the class failed");
        },
      },
    );
    const link = firstReady();
    class Mine extends Error {}
    const [task, next] = [submit(), submit("next")];
    link.fail(new Mine("theirs"));
    await expect(task).rejects.toBeInstanceOf(SerializationError);
    await expect(task).rejects.toMatchObject({ cause: { message: "looking for the class failed" } });
    expect(next.state).toBe("running");
  });

  test("an answer to a task that the worker does not have is left alone", () => {
    const { submit, firstReady, dispatcher } = setup();
    const link = firstReady();
    const task = submit();
    link.answerAs(1_000);
    expect(task.state).toBe("running");
    expect(dispatcher.statistics().fulfilled).toBe(0);
  });

  test("waits its turn behind others, first come first served", () => {
    const { driver, submit } = setup({ maxWorkers: 2 });
    for (const name of ["a", "b", "c", "d"]) void submit(name);
    expect(driver.links).toHaveLength(2);
    const [one, two] = driver.links as [(typeof driver.links)[0], (typeof driver.links)[0]];
    two.ready();
    one.ready();
    one.answer();
    one.answer();
    expect([one.sent, two.sent]).toEqual([["b", "c", "d"], ["a"]]);
  });

  test("a worker has one call at a time", () => {
    const { firstReady, submit, driver } = setup({ maxWorkers: 1 });
    const link = firstReady();
    for (const name of ["a", "b", "c"]) void submit(name);
    expect(link.sent).toEqual(["a"]);
    expect(driver.links).toHaveLength(1);
  });

  test("the worker that was used last is used next", () => {
    const { driver, submit } = setup({ maxWorkers: 2 });
    void submit();
    void submit();
    const [one, two] = driver.links as [(typeof driver.links)[0], (typeof driver.links)[0]];
    one.ready();
    two.ready();
    one.answer();
    two.answer();
    void submit("third");
    expect(two.sent.at(-1)).toBe("third");
  });
});

describe("a call that cannot leave", () => {
  test("because of an argument rejects with its path, and the worker takes the next", async () => {
    const { submit, firstReady } = setup({ maxWorkers: 1 });
    const link = firstReady();
    const refusal = new DOMException("could not be cloned", "DataCloneError");
    link.sendErrors.push(refusal);
    const task = submit("refused", {}, [1, { open: () => {} }]);
    expect(task.state).toBe("rejected");
    await expect(task).rejects.toBeInstanceOf(SerializationError);
    await expect(task).rejects.toMatchObject({ direction: "argument", path: "args[1].open", cause: refusal });
    expect(submit("next").state).toBe("running");
    expect(link.sent).toEqual(["next"]);
  });

  test("because of an argument that is too deep rejects too", async () => {
    const { submit, firstReady, dispatcher } = setup({ maxWorkers: 1 });
    let deep: unknown;
    for (let count = 0; count < 50_000; count++) deep = { deep };
    firstReady().sendErrors.push(new RangeError("Maximum call stack size exceeded"));
    await expect(submit("refused", {}, [deep])).rejects.toMatchObject({
      path: "args",
      direction: "argument",
    });
    expect(submit("next").state).toBe("running");
    expect(dispatcher.statistics()).toMatchObject({ submitted: 2, rejected: 1, running: 1 });
  });

  test("because a function cannot travel rejects with that", async () => {
    const { submit, firstReady } = setup();
    const refusal = new TravelError("captured", "db", "it is open");
    firstReady().sendErrors.push(refusal);
    await expect(submit()).rejects.toBe(refusal);
  });

  test("does not stop those behind it in the queue", () => {
    const { submit, driver, dispatcher } = setup({ maxWorkers: 1 });
    const tasks = ["a", "b", "c"].map((name) => submit(name));
    driver.last.sendErrors.push(new Error("a"), new Error("b"));
    driver.last.ready();
    expect(tasks.map(({ state }) => state)).toEqual(["rejected", "rejected", "running"]);
    expect(dispatcher.statistics()).toMatchObject({ rejected: 2, running: 1, pending: 0 });
  });

  test("as the last one leaves the worker free, and the process too", () => {
    const before = heldHandles();
    const { submit, firstReady, dispatcher } = setup();
    const link = firstReady();
    link.sendErrors.push(new Error("no"));
    void submit();
    expect(heldHandles()).toBe(before);
    expect(dispatcher.statistics().workers.map(({ state }) => state)).toEqual(["idle"]);
  });
});

describe("a full queue", () => {
  test("refuses with the numbers, and takes calls again when there is room", async () => {
    const { submit, firstReady } = setup({ maxWorkers: 1, maxPending: 2 });
    const link = firstReady();
    const tasks = ["running", "a", "b"].map((name) => submit(name));
    const refused = submit("c");
    await expect(refused).rejects.toBeInstanceOf(QueueFullError);
    await expect(refused).rejects.toMatchObject({ pending: 2, maxPending: 2 });
    tasks[1]!.cancel();
    expect(submit("d").state).toBe("pending");
    expect(submit("e").state).toBe("rejected");
    link.answer();
    expect(submit("f").state).toBe("pending");
  });

  test("with maxPending 0 a free worker still takes calls", () => {
    const { submit, firstReady } = setup({ maxWorkers: 1, maxPending: 0 });
    const link = firstReady();
    expect(submit().state).toBe("running");
    expect(submit().state).toBe("rejected");
    link.answer();
    expect(submit().state).toBe("running");
  });

  test("a call for which a worker is started is not one too many, so maxPending 0 works from the first", () => {
    const { submit, driver } = setup({ maxWorkers: 2, maxPending: 0 });
    expect([submit(), submit(), submit()].map(({ state }) => state)).toEqual([
      "pending",
      "pending",
      "rejected",
    ]);
    for (const link of driver.links) link.ready();
    expect(submit().state).toBe("rejected");
    driver.last.answer();
    expect(submit().state).toBe("running");
  });

  test("how fast workers start decides nothing: as many are taken before as after", () => {
    const count = (states: readonly { readonly state: string }[]): number =>
      states.filter(({ state }) => state !== "rejected").length;
    const cold = setup({ maxWorkers: 2, maxPending: 3 });
    const before = Array.from({ length: 10 }, () => cold.submit());
    const warm = setup({ maxWorkers: 2, maxPending: 3, minWorkers: 2 });
    warm.dispatcher.open();
    for (const link of warm.driver.links) link.ready();
    const after = Array.from({ length: 10 }, () => warm.submit());
    expect([count(before), count(after)]).toEqual([5, 5]);
  });
});

describe("statistics", () => {
  test("say at any time where each call is", async () => {
    const { submit, firstReady, dispatcher, clock } = setup({ maxWorkers: 1 });
    const link = firstReady();
    const tasks = ["a", "b", "c", "d"].map((name) => submit(name));
    tasks[3]!.cancel();
    await clock.advance(10);
    link.answer();
    link.fail(new Error("b"));
    const statistics = dispatcher.statistics();
    expect(statistics).toMatchObject({
      name: "fakes",
      kind: "thread",
      state: "running",
      maxWorkers: 1,
      maxPending: 100_000,
      nice: 19,
      submitted: 4,
      pending: 0,
      running: 1,
      fulfilled: 1,
      rejected: 1,
      cancelled: 1,
      workersStarted: 1,
      workersLost: 0,
    });
    expect(statistics.workers).toEqual([
      { id: 1, threadId: 101, state: "busy", tasks: 2, activeMs: 2, ageMs: 10 },
    ]);
    expect(statistics.runMs.count).toBe(2);
    expect(statistics.waitMs.count).toBe(3);
    expect(Object.isFrozen(statistics) && Object.isFrozen(statistics.workers)).toBe(true);
  });
});

describe("the process", () => {
  test("is held while something waits or runs, and not by idle workers", () => {
    const before = heldHandles();
    const { submit, driver } = setup();
    expect(heldHandles()).toBe(before);
    void submit();
    expect(heldHandles()).toBe(before + 1);
    driver.last.ready();
    void submit();
    expect(heldHandles()).toBe(before + 1);
    driver.last.ready();
    for (const link of driver.links) {
      expect(heldHandles()).toBe(before + 1);
      link.answer();
    }
    expect(heldHandles()).toBe(before);
  });

  test("is not held by a call that was refused, or cancelled", () => {
    const before = heldHandles();
    const { submit } = setup({ maxPending: 0, maxWorkers: 1 });
    const task = submit();
    void submit();
    task.cancel();
    expect(heldHandles()).toBe(before);
    void submit("aborted", { signal: AbortSignal.abort() });
    expect(heldHandles()).toBe(before);
  });
});
