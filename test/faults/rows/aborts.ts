import { getEventListeners } from "node:events";
import { expect } from "vitest";
import { append, hold } from "../../fixtures/contract/holds.mjs";
import { triple } from "../../fixtures/contract/values.mjs";
import { linesOf, rejection, turn } from "../../contract/waits.ts";
import type { Row } from "../table.ts";

async function warningsDuring(body: () => Promise<void>): Promise<readonly Error[]> {
  const seen: Error[] = [];
  const listen = (warning: Error): void => void seen.push(warning);
  process.on("warning", listen);
  await body().finally(() => process.off("warning", listen));
  return seen;
}

const listeners = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

export const aborts: readonly Row[] = [
  {
    row: 22,
    fault: "an abort before submit",
    async body({ make, file }) {
      const executor = make();
      const log = file();
      const task = executor.submit(append, [log, "ran"], { signal: AbortSignal.abort("why") });
      expect(task.state).toBe("cancelled");
      expect(await rejection(task)).toBe("why");
      await executor.submit(triple, [1]);
      expect(linesOf(log)).toEqual([]);
      expect(executor.statistics()).toMatchObject({ submitted: 2, cancelled: 1, fulfilled: 1 });
    },
  },
  {
    row: 22,
    fault: "an abort in the queue",
    async body({ make, gate, file }) {
      const executor = make();
      const [held, log, controller] = [gate(), file(), new AbortController()];
      const running = executor.submit(hold, [held.token]);
      await held.wait();
      const task = executor.submit(append, [log, "ran"], { signal: controller.signal });
      controller.abort("why");
      expect(await rejection(task)).toBe("why");
      held.open();
      await running;
      await executor.submit(triple, [1]);
      expect(linesOf(log)).toEqual([]);
      expect(executor.statistics()).toMatchObject({ cancelled: 1, workersLost: 0 });
      expect(listeners(controller.signal)).toBe(0);
    },
  },
  {
    row: 22,
    fault: "an abort as it is handed to a worker",
    async body({ make }) {
      const executor = make();
      await executor.ready();
      for (let round = 0; round < 20; round++) {
        const controller = new AbortController();
        const task = executor.submit(triple, [round], { signal: controller.signal });
        if (round % 2 === 0) await turn();
        const isFirst = task.state !== "fulfilled";
        controller.abort("why");
        if (isFirst) expect(await rejection(task)).toBe("why");
        else expect(await task).toBe(round * 3);
        expect(listeners(controller.signal)).toBe(0);
      }
      const { submitted, fulfilled, cancelled } = executor.statistics();
      expect(fulfilled + cancelled).toBe(submitted);
    },
  },
  {
    row: 22,
    fault: "an abort while it runs",
    async body({ make, gate }) {
      const executor = make();
      const [held, controller] = [gate(), new AbortController()];
      const task = executor.submit(hold, [held.token], { signal: controller.signal });
      await held.wait();
      controller.abort("why");
      expect(task.state).toBe("cancelled");
      expect(await rejection(task)).toBe("why");
      expect(executor.statistics()).toMatchObject({ cancelled: 1, lost: 0 });
    },
  },
  {
    row: 22,
    fault: "an abort after the result",
    async body({ make }) {
      const executor = make();
      const controller = new AbortController();
      const task = executor.submit(triple, [1], { signal: controller.signal });
      expect(await task).toBe(3);
      controller.abort("why");
      expect(await task).toBe(3);
      expect(task.state).toBe("fulfilled");
      expect(executor.statistics()).toMatchObject({ fulfilled: 1, cancelled: 0, workersLost: 0 });
    },
  },
  {
    row: 23,
    fault: "one signal aborts a thousand tasks",
    async body({ make, gate }) {
      const executor = make();
      const [held, controller] = [gate(), new AbortController()];
      const { signal } = controller;
      const warned = await warningsDuring(async () => {
        const running = executor.submit(hold, [held.token], { signal });
        await held.wait();
        const tasks = Array.from({ length: 999 }, (_, n) => executor.submit(triple, [n], { signal }));
        controller.abort("enough");
        expect(await Promise.all([running, ...tasks].map(rejection))).toEqual(Array(1000).fill("enough"));
        expect(listeners(signal)).toBe(0);
        await turn();
      });
      expect(warned).toEqual([]);
    },
  },
  {
    row: 24,
    fault: "an abort of one of two tasks that one worker has",
    async body({ make, gate }) {
      const executor = make();
      const [held, controller] = [gate(), new AbortController()];
      await executor.submit(triple, [0]);
      const running = executor.submit(hold, [held.token]);
      const both = [1, 2].map((n) =>
        executor.submit(triple, [n], n === 1 ? { signal: controller.signal } : {}),
      );
      await held.wait();
      controller.abort("only this");
      expect(await rejection(both[0]!)).toBe("only this");
      expect(running.state).toBe("running");
      held.open();
      await running;
      expect(await both[1]).toBe(6);
      expect(executor.statistics()).toMatchObject({ cancelled: 1, fulfilled: 3, workersStarted: 1 });
    },
  },
];
