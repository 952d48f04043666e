import { DeadlockError, ExecutorClosedError, expose, TaskTimeoutError, WorkerLostError } from "offloop";
import { FakeClock } from "offloop/testing";
import { expect } from "vitest";
import { ask, askAndDie, askSync, lookThenAskSync } from "../../fixtures/contract/main-calls.mjs";
import { triple } from "../../fixtures/contract/values.mjs";
import { rejection, turn, until } from "../../contract/waits.ts";
import type { Row } from "../table.ts";

/** A function of main that ends when it is told to. */
function exposeHeld(name: string, options?: { timeoutMs: number }): { begun: Promise<void>; end(): void } {
  let begin = (): void => {};
  let end = (): void => {};
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const ended = new Promise<void>((resolve) => (end = resolve));
  const held = (): Promise<void> => {
    begin();
    return ended;
  };
  expose({ [name]: held }, options);
  return { begun, end: () => end() };
}

const both = [
  ["waits", ask],
  ["blocks", askSync],
] as const;

const rowsOf = ([how, via]: (typeof both)[number]): readonly Row[] => [
  {
    row: "M1",
    fault: `the worker ends while a task ${how} for main`,
    async body({ make }) {
      const executor = make();
      const held = exposeHeld("faults.held");
      const task = executor.submit(via, ["faults.held"]);
      await held.begun;
      const { workers } = executor.statistics();
      if (workers[0]!.pid === undefined) task.cancel("ended");
      else process.kill(workers[0]!.pid, "SIGKILL");
      const error = await rejection(task);
      if (workers[0]!.pid === undefined) expect(error).toBe("ended");
      else expect(error).toBeInstanceOf(WorkerLostError);
      held.end();
      await turn();
      expect(await executor.submit(triple, [1])).toBe(3);
    },
  },
  {
    row: "M2",
    fault: `a function of main never ends, and a task ${how} for it`,
    async body({ make }) {
      const clock = new FakeClock();
      const executor = make({ clock, stacks: false });
      const held = exposeHeld("faults.held");
      const task = executor.submit(via, ["faults.held"], { timeoutMs: 500 });
      const failure = rejection(task);
      await held.begun;
      // The first look may come before the worker has told that it has begun.
      await clock.advance(500);
      await clock.advance(2_000);
      expect(await failure).toBeInstanceOf(TaskTimeoutError);
      expect(await executor.submit(triple, [1])).toBe(3);
    },
  },
  {
    row: "M2",
    fault: `a function of main overruns its own limit, and a task ${how} for it`,
    async body({ make }) {
      const clock = new FakeClock();
      const executor = make({ clock });
      const held = exposeHeld("faults.limited", { timeoutMs: 200 });
      const failure = rejection(executor.submit(via, ["faults.limited"]));
      await held.begun;
      await clock.advance(200);
      const error = await failure;
      expect(error).toBeInstanceOf(TaskTimeoutError);
      expect(error).toMatchObject({ timeoutMs: 200, phase: "running" });
      expect((error as Error).message).toContain('runOnMain("faults.limited")');
      held.end();
      await turn();
      expect(executor.statistics().workersLost).toBe(0);
    },
  },
  {
    row: "M3",
    fault: `a shutdown while a task ${how} for main`,
    async body({ make }) {
      const clock = new FakeClock();
      const executor = make({ clock });
      const held = exposeHeld("faults.held");
      const task = executor.submit(via, ["faults.held"]);
      const failure = rejection(task);
      await held.begun;
      const down = executor.shutdown({ timeoutMs: 50 });
      await clock.advance(50);
      expect((await down).killed).toEqual([{ id: task.id, name: task.name }]);
      const error = await failure;
      expect(error).toBeInstanceOf(ExecutorClosedError);
      held.end();
    },
  },
  {
    row: "M3",
    fault: `a shutdown waits for the function of main for which a task ${how}`,
    async body({ make }) {
      const executor = make();
      const held = exposeHeld("faults.held");
      const task = executor.submit(via, ["faults.held"]);
      await held.begun;
      const down = executor.shutdown();
      held.end();
      expect(await task).toBeUndefined();
      expect(await down).toMatchObject({ finished: 1, killed: [] });
    },
  },
  {
    row: "M4",
    fault: `all workers ${how === "waits" ? "wait" : "block"} for main, which calls them`,
    async body({ make }) {
      const executor = make({ maxWorkers: 2 });
      expose({ "faults.inner": async () => await executor.submit(triple, [1]) });
      for (let round = 0; round < 20; round++) {
        const tasks = Array.from({ length: 8 }, () => executor.submit(via, ["faults.inner"]));
        for (const outcome of await Promise.allSettled(tasks)) {
          if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(DeadlockError);
          else expect(outcome.value).toBe(3);
        }
      }
    },
  },
];

export const mainCalls: readonly Row[] = [
  ...both.flatMap(rowsOf),
  {
    row: "M1",
    fault: "the worker is ended from main's own function",
    async body({ make }) {
      for (const sync of [true, false]) {
        const executor = make();
        const task: { cancel(reason: string): void } & Promise<unknown> = executor.submit(askAndDie, [
          "faults.cancel",
          sync,
        ]);
        expose({ "faults.cancel": () => task.cancel("from main") });
        expect(await rejection(task)).toBe("from main");
        await until(() => executor.statistics().workers.every(({ state }) => state !== "stuck"));
      }
    },
  },
  {
    row: "M2",
    fault: "a task that looked at its signal is cancelled while it blocks for main",
    async body({ make }) {
      const clock = new FakeClock();
      const executor = make({ clock, cancelGraceMs: 300 });
      const held = exposeHeld("faults.held");
      const task = executor.submit(lookThenAskSync, ["faults.held"]);
      await held.begun;
      task.cancel("no more");
      expect(await rejection(task)).toBe("no more");
      await clock.advance(300);
      expect(await executor.submit(triple, [1])).toBe(3);
    },
  },
];
