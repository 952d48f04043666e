import { QueueFullError, WorkerLostError } from "offloop";
import { FakeClock } from "offloop/testing";
import { expect } from "vitest";
import { exit, exitUntil, throwNoted } from "../../fixtures/contract/exits.mjs";
import { append, hold, holdThenExit } from "../../fixtures/contract/holds.mjs";
import { triple } from "../../fixtures/contract/values.mjs";
import { linesOf, rejection, turn, until } from "../../contract/waits.ts";
import type { Row } from "../table.ts";

const backoff = { initialMs: 0, maxMs: 0, factor: 1, jitter: 0 };

export const again: readonly Row[] = [
  {
    row: 28,
    fault: "every task ends its worker",
    async body({ make }) {
      const executor = make({ maxWorkers: 2 });
      const errors = await Promise.all(
        Array.from({ length: 8 }, () => rejection(executor.submit(exit, [1]))),
      );
      for (const error of errors) {
        expect(error).toBeInstanceOf(WorkerLostError);
        expect(error).toMatchObject({ exitCode: 1, attempts: 1 });
      }
      const { workersStarted, lost, state } = executor.statistics();
      expect({ lost, state }).toEqual({ lost: 8, state: "running" });
      // One for each task at the most: nothing is started for nobody.
      expect(workersStarted).toBeLessThanOrEqual(8);
    },
  },
  {
    row: 28,
    fault: "every task ends its worker: others start after a pause, and run what waits",
    async body({ make }) {
      const clock = new FakeClock();
      const executor = make({ clock });
      for (let crash = 1; crash <= 3; crash++) {
        expect(await rejection(executor.submit(exit, [1]))).toMatchObject({ exitCode: 1, attempts: 1 });
      }
      const good = executor.submit(triple, [2]);
      // A quarter of the 100 ms may be left out.
      await clock.advance(74);
      expect(executor.statistics()).toMatchObject({ pending: 1, workers: [], state: "running" });
      await clock.advance(26);
      expect(await good).toBe(6);
      // From now on it counts anew.
      expect(await rejection(executor.submit(exit, [1]))).toMatchObject({ exitCode: 1 });
      expect(await executor.submit(triple, [3])).toBe(9);
    },
  },
  {
    row: 28,
    fault: "a task ends each of its workers",
    async body({ make }) {
      const executor = make();
      const error = await rejection(executor.submit(exit, [1], { retry: { attempts: 4, backoff } }));
      expect(error).toBeInstanceOf(WorkerLostError);
      expect(error).toMatchObject({ exitCode: 1, attempts: 4 });
      expect(executor.statistics()).toMatchObject({ retried: 3, lost: 4, rejected: 1, workersLost: 4 });
    },
  },
  {
    row: 29,
    fault: "all workers end at once, with a full queue",
    async body({ make, gate, file }) {
      const executor = make({ maxWorkers: 2, maxPending: 50 });
      const [first, second, log] = [gate(), gate(), file()];
      const failures = [first, second].map(({ token }) =>
        rejection(executor.submit(holdThenExit, [token, 1])),
      );
      await Promise.all([first.wait(), second.wait()]);
      const tasks = Array.from({ length: 50 }, (_, n) => executor.submit(append, [log, String(n)]));
      expect(await rejection(executor.submit(triple, [1]))).toBeInstanceOf(QueueFullError);
      first.open();
      second.open();
      for (const error of await Promise.all(failures)) expect(error).toBeInstanceOf(WorkerLostError);
      await Promise.all(tasks);
      expect(linesOf(log).toSorted()).toEqual(tasks.map((_, n) => String(n)).toSorted());
    },
  },
  {
    row: 30,
    fault: "a crash is retried as often as it may be, a thrown error is not",
    async body({ make, file }) {
      const executor = make();
      const [crashes, throws] = [file(), file()];
      const retry = { attempts: 3, backoff };
      expect(await executor.submit(exitUntil, [crashes, 3], { retry })).toBe(3);
      expect(await rejection(executor.submit(throwNoted, [throws], { retry }))).toMatchObject({
        message: "noted",
      });
      expect(linesOf(throws)).toHaveLength(1);
      const on = [(error: unknown) => (error as Error).message === "noted"];
      const thrown = executor.submit(throwNoted, [throws], { retry: { ...retry, on } });
      expect(await rejection(thrown)).toMatchObject({ message: "noted" });
      expect(linesOf(throws)).toHaveLength(4);
      expect(executor.statistics()).toMatchObject({ retried: 4, lost: 2, fulfilled: 1, rejected: 2 });
    },
  },
  {
    row: 30,
    fault: "a time limit is retried where that is asked for",
    async body({ make, gate }) {
      const clock = new FakeClock();
      const executor = make({ clock });
      const held = gate();
      const retry = { attempts: 2, on: ["timeout" as const], backoff };
      const task = executor.submit(hold, [held.token], { timeoutMs: 100, retry });
      await held.wait();
      await clock.advance(100);
      expect(task.state).toBe("pending");
      held.open();
      await clock.advance(0);
      await task;
      expect(executor.statistics()).toMatchObject({ retried: 1, timedOut: 0, fulfilled: 1 });
    },
  },
  {
    row: 31,
    fault: "the queue is full: who waits for room gets it, one after the other",
    async body({ make, gate }) {
      const executor = make({ maxPending: 2 });
      const held = gate();
      const running = executor.submit(hold, [held.token]);
      await held.wait();
      const waiting = [1, 2].map((n) => executor.submit(triple, [n]));
      expect(await rejection(executor.submit(triple, [3]))).toBeInstanceOf(QueueFullError);
      const stop = new AbortController();
      const leaves = rejection(executor.waitForCapacity(stop.signal));
      const order: number[] = [];
      const room = [1, 2, 3].map(async (n) => {
        await executor.waitForCapacity();
        order.push(n);
        return executor.submit(triple, [n * 10]);
      });
      stop.abort("not any more");
      expect(await leaves).toBe("not any more");
      await turn();
      expect(order).toEqual([]);
      waiting[0]!.cancel();
      await until(() => order.length === 1);
      await turn();
      expect(executor.statistics()).toMatchObject({ pending: 2, running: 1, cancelled: 1, rejected: 1 });
      expect(order).toEqual([1]);
      held.open();
      await running;
      expect(await Promise.all([waiting[1], ...room])).toEqual([6, 30, 60, 90]);
      expect(order).toEqual([1, 2, 3]);
      expect(executor.statistics()).toMatchObject({ rejected: 1, cancelled: 1, fulfilled: 5, submitted: 7 });
    },
  },
];
