import { FakeClock } from "offloop/testing";
import { expect, test } from "vitest";
import { hold } from "../fixtures/contract/holds.mjs";
import { triple } from "../fixtures/contract/values.mjs";
import { apart, type Bench, contract } from "./executors.ts";
import { rejection, turn, until } from "./waits.ts";

contract("ready() and idle()", ({ make, gate }) => {
  test("ready() means that a call finds a worker", async () => {
    const executor = make();
    expect(executor.statistics().workers).toEqual([]);
    await executor.ready();
    expect(executor.statistics()).toMatchObject({ workersStarted: 1, workers: [{ state: "idle" }] });
    expect(executor.submit(triple, [1]).state).toBe("running");
    await executor.ready();
    expect(executor.statistics().workersStarted).toBe(1);
  });

  test("minWorkers start without a call", async () => {
    const executor = make({ minWorkers: 1 });
    expect(executor.statistics().workers).toMatchObject([{ state: "starting" }]);
    await until(() => executor.statistics().workersStarted === 1);
    expect(executor.statistics().workers).toMatchObject([{ state: "idle" }]);
  });

  test("idle() waits for what runs and what waits", async () => {
    const executor = make();
    await executor.idle();
    const held = gate();
    let settled = 0;
    for (const task of [executor.submit(hold, [held.token]), executor.submit(triple, [1])]) {
      void task.then(() => settled++);
    }
    const idle = executor.idle().then(() => settled);
    await held.wait();
    await turn();
    expect(settled).toBe(0);
    held.open();
    expect(await idle).toBe(2);
  });

  test("idle() waits for no cancelled task", async () => {
    const executor = make();
    executor.submit(triple, [1]).cancel();
    await executor.idle();
    expect(executor.statistics()).toMatchObject({ pending: 0, cancelled: 1 });
  });
});

contract("an idle worker", ({ make }) => {
  test("ends after idleTimeoutMs; the next call starts another", async () => {
    const clock = new FakeClock();
    const executor = make({ clock, idleTimeoutMs: 500 });
    const first = executor.submit(triple, [1]);
    await first;
    await clock.advance(499);
    expect(executor.statistics().workers).toMatchObject([{ state: "idle" }]);
    await clock.advance(1);
    await until(() => executor.statistics().workers.length === 0);
    const next = executor.submit(triple, [2]);
    expect(await next).toBe(6);
    expect(next.workerId).not.toBe(first.workerId);
    expect(executor.statistics()).toMatchObject({ workersStarted: 2, workersLost: 0 });
  });

  test("that had a call in between starts its time anew", async () => {
    const clock = new FakeClock();
    const executor = make({ clock, idleTimeoutMs: 500 });
    await executor.submit(triple, [1]);
    await clock.advance(400);
    await executor.submit(triple, [1]);
    await clock.advance(400);
    expect(executor.statistics().workers).toHaveLength(1);
    await clock.advance(100);
    await until(() => executor.statistics().workers.length === 0);
  });

  test("stays for ever with an infinite idleTimeoutMs", async () => {
    const clock = new FakeClock();
    const executor = make({ clock, idleTimeoutMs: Infinity });
    await executor.submit(triple, [1]);
    await clock.advance(10 ** 9);
    expect(executor.statistics().workers).toMatchObject([{ state: "idle" }]);
  });

  test("of the minWorkers stays, until resize() says that there are fewer", async () => {
    const clock = new FakeClock();
    const executor = make({ clock, idleTimeoutMs: 500, minWorkers: 1 });
    await executor.submit(triple, [1]);
    await clock.advance(5_000);
    expect(executor.statistics().workers).toMatchObject([{ state: "idle" }]);
    executor.resize({ minWorkers: 0 });
    await clock.advance(500);
    await until(() => executor.statistics().workers.length === 0);
  });
});

const count = (executor: ReturnType<Bench["make"]>): number => executor.statistics().workers.length;

contract(
  "several workers",
  ({ make, gate }) => {
    const busy = async (executor: ReturnType<Bench["make"]>, workers: number): Promise<() => void> => {
      const gates = Array.from({ length: workers }, () => gate());
      const tasks = gates.map(({ token }) => executor.submit(hold, [token]));
      await Promise.all(gates.map((one) => one.wait()));
      expect(new Set(tasks.map(({ workerId }) => workerId)).size).toBe(workers);
      return () => {
        for (const { open } of gates) open();
      };
    };

    test("start as they are needed, up to maxWorkers", async () => {
      const executor = make({ maxWorkers: 2 });
      const open = await busy(executor, 2);
      const third = executor.submit(triple, [1]);
      expect(third.state).toBe("pending");
      open();
      expect(await third).toBe(3);
      expect(executor.statistics()).toMatchObject({ workersStarted: 2, maxWorkers: 2 });
    });

    test.runIf(process.platform === "linux")("are niced unless told otherwise", async () => {
      const executor = make({ nice: undefined } as object);
      await executor.ready();
      expect(executor.statistics().nice).toBe(19);
    });

    test("ready() waits for all of minWorkers", async () => {
      const executor = make({ minWorkers: 2, maxWorkers: 2 });
      await executor.ready();
      expect(executor.statistics()).toMatchObject({ workersStarted: 2 });
      expect(executor.statistics().workers).toMatchObject([{ state: "idle" }, { state: "idle" }]);
    });

    test("of the minWorkers are replaced without a call", async () => {
      const executor = make({ minWorkers: 1 });
      const held = gate();
      const task = executor.submit(hold, [held.token]);
      await held.wait();
      task.cancel();
      await rejection(task);
      await until(() => executor.statistics().workersStarted === 2);
      expect(executor.statistics()).toMatchObject({ submitted: 1, workersLost: 0 });
    });

    test("end when they are idle too long, down to minWorkers", async () => {
      const clock = new FakeClock();
      const executor = make({ clock, minWorkers: 1, maxWorkers: 3, idleTimeoutMs: 100 });
      const open = await busy(executor, 3);
      open();
      await executor.idle();
      await clock.advance(99);
      expect(count(executor)).toBe(3);
      await clock.advance(1);
      await until(() => count(executor) === 1);
      await clock.advance(10_000);
      expect(executor.statistics().workers).toMatchObject([{ state: "idle" }]);
    });

    test("become more with resize()", async () => {
      const executor = make({ maxWorkers: 1 });
      const open = await busy(executor, 1);
      const second = gate();
      const waiting = executor.submit(hold, [second.token]);
      expect(waiting.state).toBe("pending");
      executor.resize({ maxWorkers: 2 });
      await second.wait();
      expect(waiting.state).toBe("running");
      second.open();
      open();
      await waiting;
      executor.resize({ minWorkers: 3, maxWorkers: 3 });
      await executor.ready();
      expect(executor.statistics()).toMatchObject({ workersStarted: 3, maxWorkers: 3 });
    });

    test("become fewer with resize(): idle ones at once, busy ones after their task", async () => {
      const executor = make({ maxWorkers: 3 });
      const open = await busy(executor, 3);
      executor.resize({ maxWorkers: 2 });
      expect(executor.statistics()).toMatchObject({ running: 3, maxWorkers: 2 });
      open();
      await executor.idle();
      await until(() => count(executor) === 2);
      executor.resize({ maxWorkers: 1 });
      await until(() => count(executor) === 1);
      expect(await executor.submit(triple, [1])).toBe(3);
      expect(executor.statistics()).toMatchObject({
        fulfilled: 4,
        lost: 0,
        workersLost: 0,
        workersStarted: 3,
      });
    });
  },
  apart,
);
