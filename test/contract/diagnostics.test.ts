/**
 * The channels `offloop:task` and `offloop:worker`: what they tell, when, and that whoever listens can do no harm.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { type ChannelListener, subscribe, unsubscribe } from "node:diagnostics_channel";
import { type Executor, QueueFullError, type TaskEvent, type WorkerEvent, WorkerLostError } from "offloop";
import { afterEach, expect, test } from "vitest";
import { exit } from "../fixtures/contract/exits.mjs";
import { hold } from "../fixtures/contract/holds.mjs";
import { loopForever } from "../fixtures/contract/loops.mjs";
import { failSetUp } from "../fixtures/contract/setup.mjs";
import { count } from "../fixtures/contract/streams.mjs";
import { throwAfter, triple } from "../fixtures/contract/values.mjs";
import { apart, contract } from "./executors.ts";
import { all, rejection, until } from "./waits.ts";

const subscribed: [string, ChannelListener][] = [];

function listen<Event>(channel: "offloop:task" | "offloop:worker", listener: (event: Event) => void): void {
  const own = listener as ChannelListener;
  subscribe(channel, own);
  subscribed.push([channel, own]);
}

afterEach(() => {
  for (const [channel, listener] of subscribed.splice(0)) unsubscribe(channel, listener);
});

/** The events of one executor, as they come. */
function taskEvents({ name }: Executor): TaskEvent[] {
  const events: TaskEvent[] = [];
  listen<TaskEvent>("offloop:task", (event) => void (event.executor === name && events.push(event)));
  return events;
}

function workerEvents({ name }: Executor): WorkerEvent[] {
  const events: WorkerEvent[] = [];
  listen<WorkerEvent>("offloop:worker", (event) => void (event.executor === name && events.push(event)));
  return events;
}

const types = (events: readonly { type: string }[]): string[] => events.map(({ type }) => type);
const of = (events: readonly TaskEvent[], { id }: { id: number }): TaskEvent[] =>
  events.filter((event) => event.id === id);

contract("the channel of tasks", ({ make, gate }) => {
  test("tells a task's life, with its times, before whoever awaits it goes on", async () => {
    const executor = make();
    const events = taskEvents(executor);
    const task = executor.submit(triple, [14], { name: "fourteen" });
    // In a microtask: a subscriber never runs inside of submit().
    expect(events).toEqual([]);
    await task;
    const about = { id: task.id, name: "fourteen", executor: executor.name };
    expect(events).toEqual([
      { type: "submitted", ...about, submittedAt: task.timing.submittedAt },
      { type: "sent", ...about, workerId: task.workerId },
      {
        type: "settled",
        ...about,
        state: "fulfilled",
        workerId: task.workerId,
        attempts: 1,
        ...task.timing,
      },
    ]);
    expect(events.every((event) => Object.isFrozen(event))).toBe(true);
    expect(task.timing.runMs).toBeGreaterThanOrEqual(0);
  });

  test("tells failures, cancels and refusals", async () => {
    const executor = make({ maxPending: 1 });
    const events = taskEvents(executor);
    const failed = executor.submit(throwAfter, [-1]);
    const error = await rejection(failed);
    expect(events.at(-1)).toMatchObject({ id: failed.id, type: "settled", state: "rejected", attempts: 1 });
    expect((events.at(-1) as { error: unknown }).error).toBe(error);
    const held = gate();
    const running = executor.submit(hold, [held.token]);
    const waiting = executor.submit(triple, [1]);
    const refused = executor.submit(triple, [2]);
    expect(await rejection(refused)).toBeInstanceOf(QueueFullError);
    expect(types(of(events, refused))).toEqual(["submitted", "settled"]);
    waiting.cancel("not needed");
    expect(await rejection(waiting)).toBe("not needed");
    const end = of(events, waiting).at(-1)!;
    expect(end).toMatchObject({ state: "cancelled", workerId: undefined, attempts: 0, error: "not needed" });
    expect(end).not.toHaveProperty("startedAt");
    held.open();
    await running;
    const aborted = executor.submit(triple, [1], { signal: AbortSignal.abort("early") });
    expect(await rejection(aborted)).toBe("early");
    expect(types(of(events, aborted))).toEqual(["submitted", "settled"]);
  });

  test("agrees with the statistics", async () => {
    const executor = make();
    const events = taskEvents(executor);
    const tasks = Array.from({ length: 300 }, (_, n) => executor.submit(triple, [n]));
    tasks.slice(100, 150).forEach((task) => task.cancel());
    await Promise.allSettled(tasks);
    await all(executor.map(triple, [1, 2, 3]));
    await executor.broadcast(triple, 1);
    const { submitted, fulfilled, cancelled, rejected } = executor.statistics();
    const settled = events.filter((event) => event.type === "settled");
    expect(events.filter(({ type }) => type === "submitted")).toHaveLength(submitted);
    const ended = (state: string): number => settled.filter((event) => event.state === state).length;
    expect([ended("fulfilled"), ended("cancelled"), ended("rejected")]).toEqual([
      fulfilled,
      cancelled,
      rejected,
    ]);
    expect(new Set(settled.map(({ id }) => id)).size).toBe(submitted);
  });

  test("a stream is one task", async () => {
    const executor = make();
    const events = taskEvents(executor);
    expect(await all(executor.stream(count, [500], { window: 16 }))).toHaveLength(500);
    await executor.idle();
    expect(types(events)).toEqual(["submitted", "sent", "settled"]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(1);
    expect(events.at(-1)).toMatchObject({ name: "count", state: "fulfilled" });
  });

  test("tells each event in the context of what caused it", async () => {
    const executor = make();
    await executor.submit(triple, [1]);
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    listen<TaskEvent>(
      "offloop:task",
      ({ type }) => void (type === "submitted" && seen.push(storage.getStore())),
    );
    await storage.run("request", () => executor.submit(triple, [1]));
    await executor.submit(triple, [1]);
    expect(seen).toEqual(["request", undefined]);
  });

  test("a subscriber may call whatever it likes", async () => {
    const executor = make();
    const more: PromiseLike<number>[] = [];
    const held = gate();
    const first = executor.submit(hold, [held.token]);
    const tasks = Array.from({ length: 50 }, (_, n) => executor.submit(triple, [n]));
    listen<TaskEvent>("offloop:task", ({ type }) => {
      executor.statistics();
      if (type === "settled" && more.length < 50) more.push(executor.submit(triple, [1]));
      tasks.at(-1 - more.length)?.cancel();
    });
    held.open();
    await Promise.allSettled([first, ...tasks]);
    await executor.idle();
    expect(await Promise.all(more)).toEqual(more.map(() => 3));
    let down: Promise<unknown> | undefined;
    listen("offloop:task", () => {
      down ??= executor.shutdown({ cancelPending: true });
    });
    await Promise.allSettled([1, 2, 3].map((n) => executor.submit(triple, [n])));
    await down;
  });

  test("what a subscriber throws is an uncaught exception, and nothing of the executor's", async () => {
    const executor = make();
    const others = process.listeners("uncaughtException");
    const uncaught: unknown[] = [];
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => uncaught.push(error));
    try {
      const own = new Error("a subscriber's");
      listen("offloop:task", () => {
        throw own;
      });
      listen("offloop:worker", () => {
        throw own;
      });
      const events = taskEvents(executor);
      expect(await executor.submit(triple, [1])).toBe(3);
      await until(() => uncaught.length >= 3);
      expect(new Set(uncaught)).toEqual(new Set([own]));
      expect(types(events)).toEqual(["submitted", "sent", "settled"]);
      await executor.shutdown();
      await until(() => uncaught.length >= 6);
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of others) process.on("uncaughtException", listener);
    }
  });
});

contract("the channel of workers", ({ make, kind }) => {
  test("tells a worker's life", async () => {
    const executor = make();
    const events = workerEvents(executor);
    await executor.submit(triple, [1]);
    const [worker] = executor.statistics().workers;
    const about = { executor: executor.name, kind, workerId: worker!.id };
    const place = {
      ...(worker!.threadId !== undefined && { threadId: worker!.threadId }),
      ...(worker!.pid !== undefined && { pid: worker!.pid }),
    };
    const { nice } = executor.statistics();
    expect(events).toEqual([
      { type: "starting", ...about, ...place },
      { type: "started", ...about, ...place, startMs: expect.any(Number) as number, nice },
    ]);
    await executor.shutdown();
    await until(() => events.length > 2);
    expect(events.slice(2)).toEqual([
      {
        type: "ended",
        ...about,
        ...place,
        // Node ends threads.
        exitCode: kind === "thread" ? 1 : 0,
        signal: null,
        oom: false,
        tasks: 1,
        activeMs: expect.any(Number) as number,
        ageMs: expect.any(Number) as number,
      },
    ]);
    expect(events.every((event) => Object.isFrozen(event))).toBe(true);
  });

  test("tells a start that fails", async () => {
    const executor = make({ initializer: failSetUp });
    const events = workerEvents(executor);
    const error = (await rejection(executor.submit(triple, [1]))) as Error;
    // Inline there is nothing that could end.
    const told = kind === "inline" ? ["starting", "start-failed"] : ["starting", "start-failed", "ended"];
    await until(() => events.length >= told.length);
    expect(types(events)).toEqual(told);
    expect((events[1] as { error: unknown }).error).toBe(error.cause);
  });
});

contract(
  "the channels, of a worker that dies",
  ({ make, gate }) => {
    test("the worker is lost, and what it ran with it", async () => {
      const executor = make();
      const [workers, tasks] = [workerEvents(executor), taskEvents(executor)];
      const task = executor.submit(exit, [7]);
      const behind = executor.submit(triple, [2]);
      const error = await rejection(task);
      expect(await behind).toBe(6);
      expect(types(workers)).toEqual(["starting", "started", "lost", "starting", "started"]);
      expect(workers[2]).toMatchObject({ workerId: task.workerId, exitCode: 7, signal: null, oom: false });
      expect(error).toBeInstanceOf(WorkerLostError);
      expect(of(tasks, task).at(-1)).toMatchObject({ state: "rejected", attempts: 1, error });
      expect(of(tasks, behind).at(-1)).toMatchObject({ state: "fulfilled", workerId: behind.workerId });
    });

    test("a run that is tried again is told", async () => {
      const executor = make();
      const events = taskEvents(executor);
      const backoff = { initialMs: 0, maxMs: 0, factor: 1, jitter: 0 };
      const task = executor.submit(exit, [1], { retry: { attempts: 2, backoff } });
      const error = await rejection(task);
      expect(types(events)).toEqual(["submitted", "sent", "retried", "sent", "settled"]);
      expect(events[2]).toMatchObject({ workerId: 1, error: { code: "ERR_OFFLOOP_WORKER_LOST" } });
      expect(events.at(-1)).toMatchObject({ workerId: 2, attempts: 2, error });
    });

    test("a worker that is killed says why", async () => {
      const executor = make();
      const events = workerEvents(executor);
      const held = gate();
      const task = executor.submit(loopForever, [held.token]);
      await held.wait();
      held.open();
      task.cancel();
      await rejection(task);
      await until(() => types(events).includes("ended"));
      expect(types(events).filter((type) => !type.startsWith("start"))).toEqual(["killed", "ended"]);
      expect(events.find(({ type }) => type === "killed")).toMatchObject({
        because: "task loopForever was cancelled",
      });
      expect(executor.statistics().workersLost).toBe(0);
    });
  },
  apart,
);
