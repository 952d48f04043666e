import { ExecutorClosedError } from "offloop";
import { FakeClock } from "offloop/testing";
import { expect } from "vitest";
import { hold } from "../../fixtures/contract/holds.mjs";
import { triple } from "../../fixtures/contract/values.mjs";
import { rejection } from "../../contract/waits.ts";
import type { Row } from "../table.ts";

export const shutdown: readonly Row[] = [
  {
    row: 32,
    fault: "it is shut down in a burst, twice, and called after that",
    async body({ make }) {
      const executor = make({ maxWorkers: 2 });
      const order: number[] = [];
      const tasks = Array.from({ length: 200 }, (_, n) => {
        const task = executor.submit(triple, [n]);
        void task.then(() => order.push(n));
        return task;
      });
      const [first, second] = [executor.shutdown(), executor.shutdown({ cancelPending: true, timeoutMs: 0 })];
      const late = executor.submit(triple, [1]);
      expect(await rejection(late)).toBeInstanceOf(ExecutorClosedError);
      expect(await Promise.all(tasks)).toEqual(tasks.map((_, n) => n * 3));
      const report = await first;
      expect(report).toMatchObject({ finished: 200, cancelled: [], killed: [], timedOut: false });
      expect(await second).toBe(report);
      expect(order).toHaveLength(200);
      expect(await rejection(executor.submit(triple, [1]))).toMatchObject({ killed: false });
    },
  },
  {
    row: 33,
    fault: "the time of a shutdown passes",
    async body({ make, gate }) {
      const clock = new FakeClock();
      const executor = make({ clock });
      const held = gate();
      const running = executor.submit(hold, [held.token], { name: "runs" });
      const waiting = executor.submit(triple, [1], { name: "waits" });
      await held.wait();
      const down = executor.shutdown({ timeoutMs: 50 });
      await clock.advance(50);
      expect(await down).toEqual({
        finished: 0,
        cancelled: [{ id: waiting.id, name: "waits" }],
        killed: [{ id: running.id, name: "runs" }],
        timedOut: true,
        durationMs: 50,
      });
      for (const [task, killed] of [
        [running, true],
        [waiting, false],
      ] as const) {
        const error = await rejection(task);
        expect(error).toBeInstanceOf(ExecutorClosedError);
        expect(error).toMatchObject({ killed });
      }
    },
  },
];
