/**
 * Functions of main that would wait for the worker that waits for them, whatever they wait for; and those that only seem to.
 */
import { DeadlockError, type Executor, expose } from "offloop";
import { describe, expect, test } from "vitest";
import { ask, askBetween } from "../fixtures/contract/main-calls.mjs";
import { hold } from "../fixtures/contract/holds.mjs";
import { triple } from "../fixtures/contract/values.mjs";
import { contract } from "./executors.ts";
import { all, rejection, turn, until } from "./waits.ts";

function* counting(): Generator<number> {
  for (let n = 0; ; n++) yield n;
}

/** Exposes it, and has a task run it. */
function asked<T>(executor: Executor, inner: () => Promise<T>, options = {}): Promise<T> {
  expose({ "circle.inner": inner });
  return executor.submit(ask, ["circle.inner"], { name: "outer", ...options }) as Promise<T>;
}

async function expectCircle(asking: Promise<unknown>, last: string): Promise<void> {
  const error = await rejection(asking);
  expect(error).toBeInstanceOf(DeadlockError);
  expect(error).toMatchObject({ chain: ["outer", 'runOnMain("circle.inner")', last] });
}

async function expectToWork(executor: Executor): Promise<void> {
  expect(await executor.submit(triple, [1])).toBe(3);
}

contract("what waits for its own worker", ({ make, gate, apart }) => {
  describe("room in a full queue", () => {
    const waits = {
      map: (executor: Executor) => all(executor.map(triple, [1])),
      stream: (executor: Executor) => all(executor.stream((n: number) => [n], [1])),
      waitForCapacity: (executor: Executor) => executor.waitForCapacity(),
    };
    test.each(Object.entries(waits))("%s is refused", async (_name, wait) => {
      const executor = make({ maxPending: 1 });
      const asking = asked<unknown>(executor, () => wait(executor));
      const queued = executor.submit(triple, [2]);
      await expectCircle(asking, "waitForCapacity()");
      expect(await queued).toBe(6);
      await expectToWork(executor);
    });

    test("is there at once", async () => {
      const executor = make({ maxPending: 1 });
      await asked(executor, async () => {
        await executor.waitForCapacity();
        await executor.waitForCapacity().then(() => {});
      });
    });

    test.runIf(apart)("comes when another worker is free", async () => {
      const executor = make({ maxWorkers: 2, maxPending: 1 });
      const held = gate();
      const holding = executor.submit(hold, [held.token]);
      await held.wait();
      const asking = asked(executor, async () => {
        const queued = executor.submit(triple, [2]);
        const room = executor.waitForCapacity();
        await Promise.resolve();
        held.open();
        await room;
        return await queued;
      });
      expect(await asking).toBe(6);
      await holding;
    });
  });

  describe("the end of all work", () => {
    const waits = {
      "idle()": (executor: Executor) => executor.idle(),
      "shutdown()": (executor: Executor) => executor.shutdown({ timeoutMs: Infinity }),
    };
    test.each(Object.entries(waits))("%s is refused", async (name, wait) => {
      const executor = make();
      await expectCircle(
        asked<unknown>(executor, () => wait(executor)),
        name,
      );
    });

    test("disposal is refused, and goes on", async () => {
      const executor = make();
      const asking = asked(executor, async () => {
        await using own = executor;
        return own.name;
      });
      await expectCircle(asking, "shutdown()");
      expect(await executor.shutdown()).toMatchObject({ finished: 1, timedOut: false });
    });

    test("may be asked for, and not waited for", async () => {
      const executor = make();
      let down: Promise<unknown> | undefined;
      await asked(executor, async () => {
        down = executor.shutdown({ timeoutMs: Infinity });
        await turn();
      });
      expect(await down).toMatchObject({ finished: 1 });
    });

    test("may be waited for by what was left behind", async () => {
      const executor = make();
      let left: Promise<void> | undefined;
      let end: () => void = () => {};
      const ended = new Promise<void>((resolve) => (end = resolve));
      await asked(executor, async () => {
        left = ended.then(async () => await executor.idle());
        await turn();
      });
      end();
      await left;
    });

    test("of another executor may be waited for", async () => {
      const [executor, other] = [make(), make()];
      const asking = asked(executor, async () => {
        const task = other.submit(triple, [4]);
        await other.idle();
        await other.shutdown({ timeoutMs: Infinity });
        return await task;
      });
      expect(await asking).toBe(12);
    });

    test("comes when its time limit ends the task", async () => {
      const executor = make();
      const asking = asked(executor, () => executor.shutdown({ timeoutMs: 1 }));
      expect(await rejection(asking)).toMatchObject({ code: "ERR_OFFLOOP_EXECUTOR_CLOSED" });
      expect(await executor.shutdown({ timeoutMs: Infinity })).toMatchObject({ timedOut: true });
    });

    test("who catches it does not wait any more, and others may wait for its worker", async () => {
      const [executor, other] = [make(), make()];
      let caught: () => void = () => {};
      let goOn: () => void = () => {};
      const isCaught = new Promise<void>((resolve) => (caught = resolve));
      const mayGoOn = new Promise<void>((resolve) => (goOn = resolve));
      expose({
        "circle.other": async () => {
          await isCaught;
          void turn().then(goOn);
          return await executor.submit(triple, [2]);
        },
      });
      const asking = asked(executor, async () => {
        const error = await rejection(executor.idle());
        caught();
        await mayGoOn;
        return (error as Error).name;
      });
      const others = other.submit(ask, ["circle.other"]);
      expect(await asking).toBe("DeadlockError");
      expect(await others).toBe(6);
    });
  });

  test("two executors whose tasks wait for each other's are one circle", async () => {
    const [first, second] = [make(), make()];
    let arrived = 0;
    const both = async (): Promise<void> => {
      arrived++;
      while (arrived < 2) await turn();
    };
    expose({
      "circle.first": async () => {
        await both();
        return await second.submit(triple, [1]);
      },
      "circle.second": async () => {
        await both();
        return await first.submit(triple, [2]);
      },
    });
    const outcomes = await Promise.allSettled([
      first.submit(ask, ["circle.first"]),
      second.submit(ask, ["circle.second"]),
    ]);
    const refused = outcomes.filter(({ status }) => status === "rejected");
    // Once one of them is refused, the other one's worker becomes free.
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({ reason: { code: "ERR_OFFLOOP_DEADLOCK" } });
  });

  test.runIf(apart)("a call with the key of its own task is refused, beside a free worker", async () => {
    const executor = make({ maxWorkers: 2 });
    const inner = async (): Promise<number> => await executor.submit(triple, [5], { key: "a", name: "in" });
    await expectCircle(asked(executor, inner, { key: "a" }), "in");
    expect(await executor.submit(triple, [1], { key: "a" })).toBe(3);
  });

  test.runIf(apart)("a call with a key that its own worker has is refused", async () => {
    const executor = make({ maxWorkers: 2 });
    await executor.submit(triple, [5], { key: "a" });
    const inner = async (): Promise<number> => await executor.submit(triple, [5], { key: "a", name: "in" });
    await expectCircle(asked(executor, inner), "in");
  });

  test.runIf(apart)("a call with a key goes to another worker where it can", async () => {
    const executor = make({ maxWorkers: 2 });
    const inner = async (): Promise<number> => await executor.submit(triple, [5], { key: "a" });
    expect(await asked(executor, inner)).toBe(15);
    expect(await asked(executor, inner, { key: "b" })).toBe(15);
  });

  test.runIf(apart)("calls with keys whose last free worker another key has taken are refused", async () => {
    const executor = make({ maxWorkers: 2 });
    const keys = ["a", "b", "c", "d"];
    const outcomeOf = (key: string): Promise<unknown> =>
      executor.submit(triple, [1], { key }).catch((error: unknown) => (error as DeadlockError).code);
    const outcomes = await asked(executor, () => Promise.all(keys.map(outcomeOf)));
    expect(new Set(outcomes)).toEqual(new Set([3, "ERR_OFFLOOP_DEADLOCK"]));
  });

  test("a call whose end is only reported runs when its worker is free", async () => {
    const executor = make();
    let reported: Promise<unknown> | undefined;
    const asking = asked(executor, async () => {
      reported = executor.submit(triple, [1]).catch((error: unknown) => error);
      return "accepted";
    });
    expect(await asking).toBe("accepted");
    expect(await reported).toBe(3);
  });

  test.runIf(apart)("a call for a later item of a stream that is read there is refused", async () => {
    const executor = make({ maxWorkers: 2 });
    expose({ "circle.later": async () => await executor.submit(triple, [1], { name: "in" }) });
    const error = await rejection(
      asked(executor, () => all(executor.stream(askBetween, ["circle.later"], { window: 1 }))),
    );
    expect(error).toBeInstanceOf(DeadlockError);
    expect((error as DeadlockError).chain).toEqual([
      "outer",
      'runOnMain("circle.inner")',
      "askBetween",
      'runOnMain("circle.later")',
      "in",
    ]);
  });

  test.runIf(apart)("a call that waits while its worker goes is refused", async () => {
    const executor = make({ maxWorkers: 2 });
    const held = gate();
    const holding = executor.submit(hold, [held.token]);
    await held.wait();
    const asking = asked(executor, async () => await executor.submit(triple, [5], { name: "in" }));
    await until(() => executor.statistics().running === 2 && executor.statistics().pending === 1);
    executor.resize({ maxWorkers: 1 });
    await expectCircle(asking, "in");
    held.open();
    await holding;
  });

  test("the end of a stream that rests in its worker is refused, and comes all the same", async () => {
    const executor = make();
    const stream = executor.stream(counting, [], { window: 1 });
    await stream.next();
    await expectCircle(
      asked(executor, () => stream.return()),
      "counting.return()",
    );
    await executor.idle();
    expect(executor.statistics()).toMatchObject({ running: 0, pending: 0, cancelled: 1 });
  });

  test.runIf(apart)("what a broadcast of another executor comes back for is refused", async () => {
    const [executor, other] = [make(), make()];
    await expectToWork(other);
    expose({ "circle.back": async () => await executor.submit(triple, [1], { name: "in" }) });
    const error = await rejection(asked(executor, () => other.broadcast(ask, "circle.back")));
    expect(error).toMatchObject({ errors: [{ code: "ERR_OFFLOOP_DEADLOCK" }] });
  });

  describe("the next item of a stream", () => {
    test("that rests in its worker is refused", async () => {
      const executor = make();
      const stream = executor.stream(counting, [], { window: 1 });
      await stream.next();
      const asking = asked(executor, async () => {
        for (let read = 0; read < 5; read++) await stream.next();
      });
      await expectCircle(asking, "counting");
      await expectToWork(executor);
    });

    test("is read when it is here, though the one after it is not", async () => {
      const executor = make();
      const stream = executor.stream(counting, [], { window: 1 });
      await stream.next();
      await until(() => executor.statistics().running === 1 && executor.statistics().pending === 0);
      await executor.submit(triple, [1]);
      const item = await asked(executor, async () => (await stream.next()).value);
      expect(item).toBe(1);
      expect((await stream.next()).value).toBe(2);
      await stream.return?.();
    });

    test("comes from another executor", async () => {
      const [executor, other] = [make(), make()];
      const stream = other.stream(counting, [], { window: 1 });
      const items = await asked(executor, async () => {
        const read: unknown[] = [];
        for (let n = 0; n < 5; n++) read.push((await stream.next()).value);
        return read;
      });
      expect(items).toEqual([0, 1, 2, 3, 4]);
      await stream.return?.();
    });
  });
});
