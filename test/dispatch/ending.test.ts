/** How a task is ended from outside, and every way in which that can cross its own end. */
import { TaskTimeoutError } from "#internal/core/errors";
import { describe, expect, test } from "vitest";
import { setup, turn } from "./fake-workers.ts";

describe("cancel", () => {
  test("of a waiting call takes it out of the queue", async () => {
    const { submit, firstReady } = setup({ maxWorkers: 1 });
    const link = firstReady();
    const [, second, third] = [submit("a"), submit("b"), submit("c")];
    const reason = new Error("not needed");
    expect(second.cancel(reason)).toBe(true);
    await expect(second).rejects.toBe(reason);
    expect(second.state).toBe("cancelled");
    link.answer();
    expect(link.sent).toEqual(["a", "c"]);
    expect(third.state).toBe("running");
  });

  test("without a reason rejects with the platform's AbortError", async () => {
    const { submit } = setup();
    const task = submit();
    task.cancel();
    await expect(task).rejects.toBeInstanceOf(DOMException);
    await expect(task).rejects.toMatchObject({ name: "AbortError" });
  });

  test("decides once", () => {
    const { submit, firstReady } = setup();
    const link = firstReady();
    const [first, second] = [submit(), submit()];
    link.answer();
    expect(first.cancel()).toBe(false);
    expect([second.cancel(), second.cancel()]).toEqual([true, false]);
  });

  test("of a call that its worker has not begun takes it back, and keeps the worker", async () => {
    const { submit, firstReady } = setup({ maxWorkers: 1 });
    const link = firstReady();
    const [task, next] = [submit("a"), submit("b")];
    expect(task.cancel()).toBe(true);
    // Not at once: the caller may be about to cancel that one, too.
    expect([link.killed, next.state]).toEqual([false, "pending"]);
    await turn();
    expect(next.state).toBe("running");
    link.answer("b's");
    expect(next.state).toBe("fulfilled");
  });

  test("of all calls, one after the other, lets none of them begin meanwhile", async () => {
    const { submit, firstReady, dispatcher } = setup({ maxWorkers: 1, most: 256 });
    const link = firstReady();
    link.runMs = 0.001;
    const tasks = Array.from({ length: 500 }, () => submit());
    link.answer();
    expect(link.frames).toEqual([1, 256]);
    expect(tasks.slice(1).every((task) => task.cancel())).toBe(true);
    await turn();
    expect([link.frames, link.has, link.killed]).toEqual([[1, 256], [], false]);
    expect(dispatcher.statistics()).toMatchObject({ cancelled: 499, fulfilled: 1, pending: 0, running: 0 });
    void submit();
    expect(link.has).toHaveLength(1);
  });

  test("of a running call that never looked at its signal ends the worker, whose place is free at once", () => {
    const { submit, firstReady, driver, dispatcher } = setup({ maxWorkers: 1 });
    const link = firstReady();
    const [task, next] = [submit("a"), submit("b")];
    link.claim();
    task.cancel("why");
    expect(task.state).toBe("cancelled");
    expect([link.killed, link.stops]).toEqual([true, [{ taskId: task.id, reason: "why" }]]);
    // The killed one hangs in a native call: it is not gone, and still another one starts.
    expect(driver.links).toHaveLength(2);
    driver.last.ready();
    expect(next.state).toBe("running");
    expect(dispatcher.statistics().workers.map(({ id, state }) => [id, state])).toEqual([
      [2, "busy"],
      [1, "stuck"],
    ]);
    link.gone();
    expect(dispatcher.statistics().workers).toHaveLength(1);
    expect(dispatcher.statistics()).toMatchObject({ workersLost: 0, lost: 0, cancelled: 1, running: 1 });
  });

  test("of a running call that looked leaves it its grace, and keeps the worker when it ends in time", async () => {
    const { submit, firstReady, clock, driver } = setup({ maxWorkers: 1, cancelGraceMs: 100 });
    const link = firstReady();
    const [task, next] = [submit("a"), submit("b")];
    link.claim();
    link.words.look(task.id);
    task.cancel("why");
    expect(task.state).toBe("cancelled");
    expect(link.words.stopRequested(task.id)).toBe(true);
    await clock.advance(99);
    expect([link.killed, next.state]).toEqual([false, "pending"]);
    link.answer("too late");
    expect(next.state).toBe("running");
    await clock.advance(1_000);
    expect(link.killed).toBe(false);
    expect(driver.links).toHaveLength(1);
    await expect(task).rejects.toBe("why");
  });

  test("of one that looked and goes on ends the worker after the grace, the call's before the executor's", async () => {
    const { submit, firstReady, clock } = setup({ maxWorkers: 1, cancelGraceMs: 10_000 });
    const link = firstReady();
    const task = submit("a", { cancelGraceMs: 50 });
    link.words.look(link.claim());
    task.cancel();
    await clock.advance(49);
    expect(link.killed).toBe(false);
    await clock.advance(1);
    expect(link.killed).toBe(true);
  });

  test("with onCancel abandon neither tells nor ends the worker, and its place stays taken", () => {
    const { submit, firstReady, driver, dispatcher } = setup({ maxWorkers: 1 });
    const link = firstReady();
    const [task, next] = [submit("a", { onCancel: "abandon" }), submit("b")];
    link.claim();
    task.cancel();
    expect([task.state, link.killed, next.state]).toEqual(["cancelled", false, "pending"]);
    expect(driver.links).toHaveLength(1);
    expect(dispatcher.statistics().running).toBe(0);
    link.answer("for nothing");
    expect(next.state).toBe("running");
    expect(dispatcher.statistics()).toMatchObject({ fulfilled: 0, cancelled: 1 });
  });

  test("of a kind that cannot be ended lets it run on for nothing", () => {
    const { submit, firstReady, driver } = setup({ maxWorkers: 1 });
    const link = firstReady();
    link.killable = false;
    const [task, next] = [submit("a"), submit("b")];
    link.claim();
    task.cancel();
    expect([task.state, next.state, driver.links.length]).toEqual(["cancelled", "pending", 1]);
    link.answer();
    expect(next.state).toBe("running");
  });
});

describe("a signal", () => {
  test("that aborted before settles the call without a worker, with its reason untouched", async () => {
    const { submit, driver, dispatcher } = setup();
    const reason = { why: "mine" };
    const task = submit("a", { signal: AbortSignal.abort(reason) });
    expect([task.state, driver.links.length]).toEqual(["cancelled", 0]);
    await expect(task).rejects.toBe(reason);
    expect(dispatcher.statistics()).toMatchObject({ submitted: 1, cancelled: 1 });
  });

  test.each(["waiting", "running"])("that aborts cancels a %s call", async (when) => {
    const { submit, firstReady } = setup({ maxWorkers: 1 });
    const link = firstReady();
    const controller = new AbortController();
    if (when === "waiting") void submit("before");
    const task = submit("a", { signal: controller.signal });
    link.claim();
    const reason = new Error("mine");
    controller.abort(reason);
    expect(task.state).toBe("cancelled");
    await expect(task).rejects.toBe(reason);
    expect(link.killed).toBe(when === "running");
  });

  test("is not listened to once the task has settled", () => {
    const { submit, firstReady } = setup();
    const link = firstReady();
    const { signal } = new AbortController();
    let listeners = 0;
    const [add, remove] = [signal.addEventListener, signal.removeEventListener];
    signal.addEventListener = (...args: unknown[]): void => {
      listeners++;
      Reflect.apply(add, signal, args);
    };
    signal.removeEventListener = (...args: unknown[]): void => {
      listeners--;
      Reflect.apply(remove, signal, args);
    };
    void submit("a", { signal });
    expect(listeners).toBe(1);
    link.answer();
    expect(listeners).toBe(0);
    void submit("b", { signal }).cancel();
    expect(listeners).toBe(0);
  });

  test("of a thousand calls ends each once, and Node sees no leak in them", async () => {
    const { submit, firstReady, dispatcher } = setup({ maxWorkers: 1 });
    firstReady();
    const controller = new AbortController();
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on("warning", onWarning);
    const tasks = Array.from({ length: 1_000 }, () => submit("a", { signal: controller.signal }));
    controller.abort();
    expect(tasks.every(({ state }) => state === "cancelled")).toBe(true);
    expect(dispatcher.statistics()).toMatchObject({ cancelled: 1_000, pending: 0, running: 0 });
    await turn();
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
  });

  test("is heard by calls of several executors, each for itself", () => {
    const [one, other] = [setup(), setup()];
    const { signal } = new AbortController();
    const first = one.submit("a", { signal });
    const second = other.submit("b", { signal });
    first.cancel();
    const controller = new AbortController();
    const third = one.submit("c", { signal: controller.signal });
    const fourth = other.submit("d", { signal: controller.signal });
    controller.abort();
    expect([second, third, fourth].map(({ state }) => state)).toEqual(["pending", "cancelled", "cancelled"]);
  });
});

describe("queueTimeoutMs", () => {
  test("ends a call that waits as long", async () => {
    const { submit, firstReady, clock, dispatcher } = setup({ maxWorkers: 1, queueTimeoutMs: 100 });
    firstReady();
    const [running, waiting, other] = [submit(), submit(), submit("a", { queueTimeoutMs: Infinity })];
    await clock.advance(99);
    expect(waiting.state).toBe("pending");
    await clock.advance(1);
    expect([running.state, waiting.state, other.state]).toEqual(["running", "rejected", "pending"]);
    await expect(waiting).rejects.toBeInstanceOf(TaskTimeoutError);
    await expect(waiting).rejects.toMatchObject({ phase: "queued", timeoutMs: 100 });
    await clock.advance(1_000);
    expect(running.state).toBe("running");
    expect(dispatcher.statistics()).toMatchObject({ timedOut: 1, rejected: 1 });
  });

  test("counts the start of the first worker as waiting", async () => {
    const { submit, clock, dispatcher } = setup();
    const task = submit("a", { queueTimeoutMs: 50 });
    await clock.advance(50);
    expect(task.state).toBe("rejected");
    expect(dispatcher.statistics().pending).toBe(0);
  });
});

describe("timeoutMs", () => {
  test("counts from the start, not from the submit", async () => {
    const { submit, firstReady, clock } = setup({ maxWorkers: 1, timeoutMs: 100 });
    const link = firstReady();
    const [first, second] = [submit("a", { timeoutMs: Infinity }), submit("b")];
    await clock.advance(500);
    link.answer();
    expect([first.state, second.state]).toEqual(["fulfilled", "running"]);
    link.claim();
    await clock.advance(99);
    expect(second.state).toBe("running");
    await clock.advance(1);
    await expect(second).rejects.toBeInstanceOf(TaskTimeoutError);
    await expect(second).rejects.toMatchObject({ phase: "running", timeoutMs: 100, name: "TimeoutError" });
    expect(link.killed).toBe(true);
  });

  test("waits for where it hangs; whatever settles the task meanwhile was first", async () => {
    for (const isCancelled of [false, true]) {
      const { submit, firstReady, clock, dispatcher } = setup({ maxWorkers: 1, timeoutMs: 100 });
      const link = firstReady();
      const frame = { function: "hang", file: "/app.js", line: 1, column: 1 };
      let answer!: () => void;
      link.taskStack = () => new Promise((resolve) => (answer = () => resolve([frame])));
      const task = submit();
      const failure = task.catch((reason: unknown) => reason);
      link.claim();
      await clock.advance(100);
      expect(task.state).toBe("running");
      if (isCancelled) expect(task.cancel("enough")).toBe(true);
      answer();
      if (isCancelled) expect(await failure).toBe("enough");
      else expect(await failure).toMatchObject({ code: "ERR_OFFLOOP_TASK_TIMEOUT", hungAt: [frame] });
      await dispatcher.idle();
      expect(link.killed).toBe(true);
      expect(dispatcher.statistics()).toMatchObject({
        timedOut: isCancelled ? 0 : 1,
        cancelled: isCancelled ? 1 : 0,
      });
    }
  });

  test("an answer that has arrived and was not read wins, and the worker lives", async () => {
    const { submit, firstReady, clock, dispatcher } = setup({ maxWorkers: 1, timeoutMs: 100 });
    const link = firstReady();
    const task = submit();
    await clock.advance(50);
    link.answerUnread(42);
    await clock.advance(50);
    expect(await task).toBe(42);
    expect(link.killed).toBe(false);
    expect(dispatcher.statistics()).toMatchObject({ timedOut: 0, fulfilled: 1 });
  });

  test("an answer that has left and not even arrived wins as well", async () => {
    const { submit, firstReady, clock } = setup({ maxWorkers: 1, timeoutMs: 100 });
    const link = firstReady();
    const task = submit();
    link.claim();
    link.words.leave(1);
    await clock.advance(100);
    expect([task.state, link.killed]).toEqual(["running", false]);
    link.answer(42);
    expect(await task).toBe(42);
  });

  test("a call that its worker has not begun is given its time anew", async () => {
    const { submit, firstReady, clock } = setup({ maxWorkers: 1, timeoutMs: 100 });
    const link = firstReady();
    const task = submit();
    await clock.advance(150);
    expect(task.state).toBe("running");
    link.claim();
    await clock.advance(50);
    expect(task.state).toBe("rejected");
  });

  test("but not for ever: a worker that does not begin it loses it to another", async () => {
    const { submit, firstReady, clock, driver, dispatcher } = setup({ maxWorkers: 1, timeoutMs: 100 });
    const link = firstReady();
    const task = submit();
    await clock.advance(2_099);
    expect([link.killed, task.state]).toEqual([false, "running"]);
    await clock.advance(1);
    expect([link.killed, task.state]).toEqual([true, "pending"]);
    driver.last.ready();
    driver.last.claim();
    driver.last.answer(42);
    expect(await task).toBe(42);
    expect(dispatcher.statistics()).toMatchObject({ requeued: 1, timedOut: 0, fulfilled: 1 });
  });

  test("a call whose worker loads the function has begun", async () => {
    const { submit, firstReady, clock } = setup({ maxWorkers: 1, timeoutMs: 100 });
    const link = firstReady();
    const task = submit();
    link.load();
    await clock.advance(100);
    await expect(task).rejects.toMatchObject({ phase: "running" });
    expect(link.killed).toBe(true);
  });

  test("a call that is sent again is given its time anew, waiting and running", async () => {
    const { submit, firstReady, clock, driver } = setup({ maxWorkers: 1 });
    const link = firstReady();
    const task = submit("a", { timeoutMs: 100, queueTimeoutMs: 100 });
    await clock.advance(80);
    link.gone();
    expect(task.state).toBe("pending");
    await clock.advance(80);
    driver.last.ready();
    expect(task.state).toBe("running");
    driver.last.claim();
    await clock.advance(80);
    expect(task.state).toBe("running");
    await clock.advance(20);
    await expect(task).rejects.toMatchObject({ phase: "running" });
  });

  test("at the same instant as cancel: the first one decides, and the worker is ended once", async () => {
    const { submit, firstReady, clock, driver, dispatcher } = setup({ maxWorkers: 1, timeoutMs: 100 });
    const link = firstReady();
    const task = submit();
    link.claim();
    clock.after(100, () => task.cancel("mine"));
    await clock.advance(100);
    expect(task.state).toBe("rejected");
    expect(driver.links.filter(({ killed }) => killed)).toEqual([link]);
    expect(dispatcher.statistics()).toMatchObject({ timedOut: 1, cancelled: 0, rejected: 1 });
  });

  test("a worker that goes at that instant is a timeout or a loss, and not both", async () => {
    for (const first of ["timeout", "loss"]) {
      const { submit, firstReady, clock, dispatcher } = setup({ maxWorkers: 1 });
      const link = firstReady();
      const early = (): void => link.gone();
      if (first === "loss") clock.after(100, early);
      const task = submit("a", { timeoutMs: 100 });
      if (first === "timeout") clock.after(100, early);
      link.claim();
      await clock.advance(100);
      expect(task.state).toBe("rejected");
      const { timedOut, lost, rejected } = dispatcher.statistics();
      expect([timedOut, lost, rejected]).toEqual(first === "timeout" ? [1, 0, 1] : [0, 1, 1]);
    }
  });
});
