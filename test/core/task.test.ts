import type { CallOptions } from "#internal/core/call-options";
import { functionHandle } from "#internal/core/function-handle";
import {
  began,
  handOver,
  requeue,
  settle,
  Task,
  type TaskOwner,
  type TaskPlace,
  type TaskState,
} from "#internal/core/task";
import { FakeClock } from "#internal/testing/fake-clock";
import { describe, expect, test } from "vitest";
import { everyOrder } from "../every-order.ts";

const clock = new FakeClock();
const owner: TaskOwner = { clock, cancel: (task, reason) => settle(task, "cancelled", reason) };
const handle = functionHandle(function work() {}, null);

/** A worker that begins at once what it gets. */
const place = (id: number): TaskPlace => ({ id, hasBegun: () => true, startedAt: () => NaN });

function start(task: Task<unknown>, workerId: number, now: number): boolean {
  return handOver(task, place(workerId)) && began(task, now);
}

function newTask<R = unknown>(options: CallOptions = {}, from: TaskOwner = owner): Task<R> {
  return new Task<R>(from, handle, [1], options);
}

type Event = "start" | "requeue" | "fulfil" | "reject" | "cancel";

function apply(task: Task<unknown>, event: Event): boolean {
  switch (event) {
    case "start":
      return start(task, 7, clock.now());
    case "requeue":
      return requeue(task);
    case "fulfil":
      return settle(task, "fulfilled", event);
    case "reject":
      return settle(task, "rejected", event);
    case "cancel":
      return settle(task, "cancelled", event);
  }
}

/** The state table above the module. */
const NEXT: Readonly<Record<TaskState, Partial<Record<Event, TaskState>>>> = {
  pending: { start: "running", fulfil: "fulfilled", reject: "rejected", cancel: "cancelled" },
  running: { requeue: "pending", fulfil: "fulfilled", reject: "rejected", cancel: "cancelled" },
  fulfilled: {},
  rejected: {},
  cancelled: {},
};

/** Runs without the test runner's own listeners, and gives what arrived unhandled. */
async function unhandledDuring(act: () => void): Promise<unknown[]> {
  const listeners = process.listeners("unhandledRejection");
  const unhandled: unknown[] = [];
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (reason) => unhandled.push(reason));
  try {
    act();
    // They are told after the microtasks of this turn.
    await new Promise((resolve) => setImmediate(resolve));
    return unhandled;
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const listener of listeners) process.on("unhandledRejection", listener);
  }
}

describe("task transitions", () => {
  test("every order of events up to 6 keeps the table and settles at the most once", async () => {
    const events: readonly Event[] = ["start", "requeue", "fulfil", "reject", "cancel"];
    const wrong: string[] = [];
    let orders = 0;
    for (const order of everyOrder(events, 6)) {
      orders++;
      const task = newTask();
      let state: TaskState = "pending";
      let outcome: Event | undefined;
      for (const event of order) {
        const next: TaskState | undefined = NEXT[state][event];
        if (apply(task, event) !== (next !== undefined)) wrong.push(`${order.join()}: ${event} in ${state}`);
        state = next ?? state;
        if (task.state !== state) wrong.push(`${order.join()}: ${task.state} after ${event}, not ${state}`);
        if (outcome === undefined && next !== undefined && event !== "start" && event !== "requeue") {
          outcome = event;
        }
      }
      // The promise tells what the first end was, and nothing later.
      const told = await Promise.race([
        task.then(
          (value) => value,
          (reason: unknown) => reason,
        ),
        // Loses to a task that has settled, by a few microtasks.
        Promise.resolve()
          .then(() => {})
          .then(() => {})
          .then(() => undefined),
      ]);
      if (told !== outcome) wrong.push(`${order.join()}: told ${String(told)}, not ${outcome}`);
    }
    expect(orders).toBe(5 + 25 + 125 + 625 + 3_125 + 15_625 + 1);
    expect(wrong).toEqual([]);
  });

  test("arguments and watch are dropped at the end, and the watch is stopped once", () => {
    const task = newTask();
    let stops = 0;
    task.watch = { waiting() {}, pausing() {}, takenBack() {}, sent() {}, stop: () => stops++ };
    settle(task, "fulfilled", 1);
    settle(task, "rejected", 2);
    expect(stops).toBe(1);
    expect(task.watch).toBeUndefined();
    expect(task.args).toEqual([]);
  });

  test("its timing is in epoch milliseconds and holds what is known", async () => {
    const fake = new FakeClock();
    const later = { now: () => fake.now(), timeOrigin: 1_000_000, after: fake.after.bind(fake) };
    await fake.advance(10);
    const task = newTask({}, { clock: later, cancel: () => false });
    expect(task.timing).toEqual({ submittedAt: 1_000_010 });
    await fake.advance(5);
    start(task, 3, fake.now());
    expect(task.timing).toEqual({ submittedAt: 1_000_010, startedAt: 1_000_015, queuedMs: 5 });
    expect(task.workerId).toBe(3);
    requeue(task);
    expect(task.timing).toEqual({ submittedAt: 1_000_010 });
    await fake.advance(5);
    start(task, 4, fake.now());
    await fake.advance(20);
    settle(task, "fulfilled", undefined, { runMs: 18 });
    const timing = {
      submittedAt: 1_000_010,
      startedAt: 1_000_020,
      queuedMs: 10,
      endedAt: 1_000_040,
      runMs: 18,
    };
    expect(task.timing).toEqual(timing);
    expect(Object.isFrozen(task.timing)).toBe(true);
    expect(task.workerId).toBe(4);
  });

  test("one that waits at its worker is pending until that has begun it", () => {
    const begun = new Set<Task<unknown>>();
    const task = newTask();
    const at: TaskPlace = { id: 7, hasBegun: (one) => begun.has(one), startedAt: () => 5 };
    expect(handOver(task, at)).toBe(true);
    expect([task.state, task.timing.startedAt]).toEqual(["pending", undefined]);
    begun.add(task);
    expect([task.state, task.timing.startedAt, task.timing.queuedMs]).toEqual(["running", 5, 5]);
    // The answer tells it more exactly, once.
    expect([began(task, 6), began(task, 7)]).toEqual([true, false]);
    settle(task, "fulfilled", 1, { runMs: 2 });
    expect(task.timing).toMatchObject({ startedAt: 6, runMs: 2 });
  });

  test("a task that ends while it runs has run until then; one that never ran has not", async () => {
    const fake = new FakeClock();
    const stopped = newTask({}, { clock: fake, cancel: () => false });
    const never = newTask({}, { clock: fake, cancel: () => false });
    start(stopped, 1, fake.now());
    await fake.advance(30);
    settle(stopped, "cancelled", undefined);
    settle(never, "cancelled", undefined);
    expect(stopped.timing.runMs).toBe(30);
    expect(never.timing).toEqual({ submittedAt: 0, endedAt: 30 });
  });
});

describe("task as a promise", () => {
  test("is one, and what comes after it is a plain one", async () => {
    const task = newTask<number>();
    expect(task).toBeInstanceOf(Promise);
    expect(task).toBeInstanceOf(Task);
    for (const derived of [task.then((value) => value), task.catch(() => {}), task.finally(() => {})]) {
      expect(Object.getPrototypeOf(derived)).toBe(Promise.prototype);
    }
    expect((Task as unknown as { [Symbol.species]: unknown })[Symbol.species]).toBe(Promise);
    // An `await` takes it as it is, without another promise around it.
    expect(Promise.resolve(task)).toBe(task);
    settle(task, "fulfilled", 42);
    expect(await task).toBe(42);
    expect(await Promise.all([task, task.then((value) => value + 1)])).toEqual([42, 43]);
  });

  test("rejects as a promise does", async () => {
    const task = newTask();
    settle(task, "rejected", new RangeError("no"));
    await expect(task).rejects.toThrow(RangeError);
    expect(task.state).toBe("rejected");
  });

  test("has a name, the function's or the call's, and an id of its own", () => {
    const [first, second] = [newTask(), newTask({ name: "mine" })];
    expect([first.name, second.name]).toEqual(["work", "mine"]);
    expect(second.id).toBeGreaterThan(first.id);
  });

  test("cancel() asks its owner, with the reason", () => {
    const asked: unknown[] = [];
    const task = newTask({}, { clock, cancel: (...args) => asked.push(args) > 1 });
    expect(task.cancel("why")).toBe(false);
    expect(task.cancel()).toBe(true);
    expect(asked).toEqual([
      [task, "why"],
      [task, undefined],
    ]);
  });

  test("a rejection that nobody handles is told, unless somebody asked for it", async () => {
    const error = new Error("nobody looks");
    const unhandled = await unhandledDuring(() => {
      settle(newTask(), "rejected", error);
      settle(newTask(), "cancelled", new Error("asked for"));
      settle(newTask(), "fulfilled", 1);
    });
    expect(unhandled).toEqual([error]);
  });

  test("what follows from a cancelled task is somebody else's, and told", async () => {
    const reason = new Error("asked for");
    const unhandled = await unhandledDuring(() => {
      const task = newTask();
      void task.then(() => {});
      settle(task, "cancelled", reason);
    });
    expect(unhandled).toEqual([reason]);
  });
});
