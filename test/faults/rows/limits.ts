import { existsSync } from "node:fs";
import { TaskTimeoutError } from "offloop";
import { FakeClock } from "offloop/testing";
import { expect } from "vitest";
import { holdDeaf, waitUntilStopped } from "../../fixtures/contract/cooperative.mjs";
import { answerSeen, hold } from "../../fixtures/contract/holds.mjs";
import { loopForever } from "../../fixtures/contract/loops.mjs";
import { triple } from "../../fixtures/contract/values.mjs";
import { linesOf, rejection, turn } from "../../contract/waits.ts";
import type { Row } from "../table.ts";

const OVER = { code: "ERR_OFFLOOP_TASK_TIMEOUT", phase: "running", timeoutMs: 100 };

export const limits: readonly Row[] = [
  {
    row: 18,
    fault: "a synchronous loop without end",
    async body({ make, gate }) {
      const clock = new FakeClock();
      const executor = make({ clock, cancelGraceMs: 1_000_000 });
      const held = gate();
      const failure = rejection(executor.submit(loopForever, [held.token], { timeoutMs: 100 }));
      await held.wait();
      held.open();
      await clock.advance(100);
      expect(await failure).toBeInstanceOf(TaskTimeoutError);
      expect(await failure).toMatchObject(OVER);
      // No grace: it never looked whether it should stop.
      expect(await executor.submit(triple, [1])).toBe(3);
    },
  },
  {
    row: 19,
    fault: "an endless wait that honours its signal",
    async body({ make, gate, file }) {
      const clock = new FakeClock();
      const executor = make({ clock });
      const [held, log] = [gate(), file()];
      const task = executor.submit(waitUntilStopped, [held.token, log], { timeoutMs: 100 });
      await held.wait();
      held.open();
      const failure = rejection(task);
      await clock.advance(100);
      expect(await failure).toMatchObject(OVER);
      const next = executor.submit(triple, [1]);
      await next;
      expect(next.workerId).toBe(task.workerId);
      expect(linesOf(log)).toEqual([expect.stringMatching(/^TimeoutError: /)]);
    },
  },
  {
    row: 20,
    fault: "a task that ignores its signal past the grace",
    async body({ make, gate }) {
      const clock = new FakeClock();
      const executor = make({ clock, cancelGraceMs: 500 });
      const held = gate();
      const task = executor.submit(holdDeaf, [held.token], { timeoutMs: 100 });
      await held.wait();
      const failure = rejection(task);
      await clock.advance(100);
      expect(await failure).toMatchObject(OVER);
      const next = executor.submit(triple, [1]);
      await clock.advance(499);
      expect(next.state).toBe("pending");
      await clock.advance(1);
      expect(await next).toBe(3);
      expect(next.workerId).not.toBe(task.workerId);
    },
  },
  {
    row: 45,
    fault: "the wall clock jumps",
    async body({ make, gate }) {
      const { now } = Date;
      const executor = make();
      const held = gate();
      const task = executor.submit(hold, [held.token], { timeoutMs: 1_000_000, queueTimeoutMs: 1_000_000 });
      await held.wait();
      try {
        for (const jumpMs of [1e10, -1e10]) {
          Date.now = () => now() + jumpMs;
          const waiting = executor.submit(triple, [1], { queueTimeoutMs: 1_000_000 });
          await turn();
          expect([task.state, waiting.state]).toEqual(["running", "pending"]);
          waiting.cancel();
        }
      } finally {
        Date.now = now;
      }
      held.open();
      await task;
      expect(task.timing.runMs).toBeLessThan(1_000_000);
      expect(executor.statistics()).toMatchObject({ timedOut: 0, workersLost: 0 });
    },
  },
  {
    row: 45,
    fault: "the main loop is blocked for longer than the task may run",
    async body({ make, file }) {
      const executor = make();
      await executor.ready();
      await executor.submit(triple, [1]);
      const written = file();
      const task = executor.submit(answerSeen, [written], { timeoutMs: 200 });
      // This thread does not turn: the task ends in time, and nobody reads that.
      while (!existsSync(written));
      const since = performance.now();
      while (performance.now() - since < 500);
      expect(await task).toEqual({ answer: 42 });
      expect(executor.statistics()).toMatchObject({ timedOut: 0, workersLost: 0 });
    },
  },
];
