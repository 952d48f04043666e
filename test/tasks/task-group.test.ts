import { InlineExecutor, SchedulerClosedError } from "offloop";
import { allTasks, sleep, TaskGroup } from "offloop/tasks";
import { FakeClock } from "offloop/testing";
import { afterEach, describe, expect, test } from "vitest";
import { caught, deferred, stateOf, turn, warnings } from "../promises.ts";

const forever = (signal: AbortSignal): Promise<void> =>
  sleep(Infinity, undefined, { signal, clock: new FakeClock() });

afterEach(() => expect(allTasks().size).toBe(0));

describe("TaskGroup.run", () => {
  test("waits for all children, then gives what the body gave", async () => {
    const child = deferred<string>();
    const ended: string[] = [];
    const run = TaskGroup.run((group) => {
      void group.spawn(async () => ended.push(await child.promise));
      return "body";
    });
    expect(await stateOf(run)).toBe("pending");
    child.resolve("child");
    expect(await run).toBe("body");
    expect(ended).toEqual(["child"]);
  });

  test("a failure cancels the others, and waits until they have ended", async () => {
    const cleanUp = deferred();
    const error = new Error("no");
    let reason: unknown;
    const run = TaskGroup.run((group) => {
      void group.spawn(async (signal) => {
        await forever(signal).catch((why: unknown) => (reason = why));
        await cleanUp.promise;
      });
      void group.spawn(() => Promise.reject(error));
    });
    expect(await stateOf(run)).toBe("pending");
    expect(reason).toMatchObject({ name: "AbortError", cause: error });
    cleanUp.resolve();
    expect(await caught(run)).toBe(error);
  });

  test("several failures are an AggregateError, one error seen twice is one", async () => {
    const [one, two] = [new Error("one"), new Error("two")];
    const both = TaskGroup.run((group) => {
      void group.spawn(() => Promise.reject(one));
      void group.spawn(() => Promise.reject(two));
    });
    expect(await caught(both)).toMatchObject({ name: "AggregateError", errors: [one, two], cause: one });
    const awaited = TaskGroup.run(async (group) => {
      await group.spawn(() => Promise.reject(one));
    });
    expect(await caught(awaited)).toBe(one);
  });

  test("an error of the body cancels the children", async () => {
    const error = new Error("body");
    let child: { readonly state: string } | undefined;
    const run = TaskGroup.run(async (group) => {
      child = group.spawn(forever);
      throw error;
    });
    expect(await caught(run)).toBe(error);
    expect(child?.state).toBe("cancelled");
  });

  test("a body that ends because a child failed adds no error of its own", async () => {
    const error = new Error("child");
    const run = TaskGroup.run(async (group) => {
      void group.spawn(() => Promise.reject(error));
      await forever(group.signal);
    });
    expect(await caught(run)).toBe(error);
  });

  test("an abort from outside rejects with its reason", async () => {
    const controller = new AbortController();
    const run = TaskGroup.run((group) => void group.spawn(forever), { signal: controller.signal });
    controller.abort("left");
    expect(await caught(run)).toBe("left");
    const late = TaskGroup.run(() => 1, { signal: controller.signal });
    expect(await caught(late)).toBe("left");
  });

  test("children may spawn children", async () => {
    const names: string[] = [];
    await TaskGroup.run((group) => {
      void group.spawn(async () => {
        await turn();
        void group.spawn(async () => {
          await turn();
          names.push("grandchild");
        });
        names.push("child");
      });
    });
    expect(names).toEqual(["child", "grandchild"]);
  });

  test("after it, spawn refuses", async () => {
    let kept: TaskGroup | undefined;
    await TaskGroup.run((group) => void (kept = group));
    let called = false;
    const late = kept!.spawn(() => (called = true));
    expect(await caught(late)).toBeInstanceOf(SchedulerClosedError);
    expect(called).toBe(false);
  });
});

describe("await using", () => {
  test("leaving the block cancels what runs, and waits for it", async () => {
    let child: { readonly state: string } | undefined;
    const ended = deferred();
    const block = (async () => {
      await using group = new TaskGroup();
      child = group.spawn((signal) =>
        forever(signal).catch(async (reason) => ended.promise.then(() => Promise.reject(reason))),
      );
      return "value";
    })();
    expect(await stateOf(block)).toBe("pending");
    expect(child?.state).toBe("running");
    ended.resolve();
    expect(await block).toBe("value");
    expect(child?.state).toBe("cancelled");
  });

  test("join waits without cancelling", async () => {
    const result = await (async () => {
      await using group = new TaskGroup();
      const child = group.spawn(async () => {
        await turn();
        return 42;
      });
      await group.join();
      return child;
    })();
    expect(result).toBe(42);
  });

  test("throws the error of a child that nobody awaited", async () => {
    const error = new Error("unseen");
    const block = (async () => {
      await using group = new TaskGroup();
      void group.spawn(() => Promise.reject(error));
      await turn();
    })();
    expect(await caught(block)).toBe(error);
  });

  test("an error that was awaited is thrown once, by the block itself", async () => {
    const error = new Error("seen");
    const block = (async () => {
      await using group = new TaskGroup();
      void group.spawn(forever);
      await group.spawn(() => Promise.reject(error));
    })();
    expect(await caught(block)).toBe(error);
  });
});

describe("a child", () => {
  test("is a promise with a name, a state and a start", async () => {
    const group = new TaskGroup();
    const task = group.spawn(async function load() {
      return 1;
    });
    expect([task.name, task.state, group.size]).toEqual(["load", "running", 1]);
    expect(task.startedAt).toBeGreaterThan(1e12);
    expect(await task.then((n) => n + 1)).toBe(2);
    expect(task.then(() => 1).constructor).toBe(Promise);
    await group.join();
    expect([task.state, group.size]).toEqual(["fulfilled", 0]);
  });

  test("can be cancelled alone, which fails nothing", async () => {
    const group = new TaskGroup();
    const [task, other] = [group.spawn(forever), group.spawn(async () => turn())];
    expect(task.cancel("enough")).toBe(true);
    expect(task.cancel()).toBe(false);
    expect(await caught(task)).toBe("enough");
    await group.join();
    expect([task.state, other.state, group.signal.aborted]).toEqual(["cancelled", "fulfilled", false]);
  });

  test("that ends by its signal aborting with a failure of its own is a failure", async () => {
    const group = new TaskGroup();
    const error = new Error("clean-up");
    const task = group.spawn((signal) => forever(signal).catch(() => Promise.reject(error)));
    task.cancel();
    expect(await caught(group.join())).toBe(error);
    expect(task.state).toBe("rejected");
  });

  test("that is a task of an executor is cancelled with the group", async () => {
    await using executor = new InlineExecutor();
    const group = new TaskGroup();
    const call = executor.submit(() => 1, []);
    const child = group.spawn(() => call);
    group.cancel("enough");
    expect(await caught(child)).toBe("enough");
    expect(call.state).toBe("cancelled");
    expect(await caught(group.join())).toBe("enough");
  });

  test("is in allTasks() until it has ended", async () => {
    const group = new TaskGroup();
    const [one, two] = [group.spawn(forever), group.spawn(forever)];
    expect([...allTasks()]).toEqual([one, two]);
    one.cancel();
    await turn();
    expect([...allTasks()]).toEqual([two]);
    two.cancel();
    await group.join();
  });

  test("that ignores its signal is warned about", async () => {
    const seen = warnings();
    const clock = new FakeClock();
    const stubborn = deferred();
    const group = new TaskGroup({ name: "requests", clock });
    void group.spawn(() => stubborn.promise, { name: "stubborn" });
    const left = group[Symbol.asyncDispose]();
    await clock.advance(10_000);
    expect(seen).toEqual([
      {
        code: "OFFLOOP_WARN_TASK_GROUP_WAITS",
        message: expect.stringMatching(/requests.*stubborn/) as string,
      },
    ]);
    stubborn.resolve();
    await left;
  });

  test("refuses options that are no object", () => {
    expect(() => new TaskGroup().spawn(() => {}, 5 as never)).toThrow(/options must be an object/);
  });
});

test("bad arguments", () => {
  expect(() => new TaskGroup({ limit: 5 } as never)).toThrow(/limit/);
  expect(() => new TaskGroup().spawn(5 as never)).toThrow(TypeError);
});
