import { expect } from "vitest";
import { disconnect, sendStrayMessages } from "../../fixtures/contract/exits.mjs";
import { hold } from "../../fixtures/contract/holds.mjs";
import { echo, triple } from "../../fixtures/contract/values.mjs";
import { WorkerLostError } from "offloop";
import { rejection, until } from "../../contract/waits.ts";
import type { Row } from "../table.ts";

export const channel: readonly Row[] = [
  {
    row: 41,
    fault: "200 MB both ways",
    timeoutMs: 60_000,
    async body({ make }) {
      const executor = make();
      const bytes = Buffer.alloc(200 * 1024 * 1024, 7);
      const back = await executor.submit(echo, [bytes]);
      expect(back.length).toBe(bytes.length);
      expect(back.equals(bytes)).toBe(true);
    },
  },
  {
    row: 41,
    fault: "100 000 small tasks at once",
    timeoutMs: 240_000,
    async body({ make }) {
      const executor = make({ maxWorkers: 2 });
      const burst = async (count: number): Promise<number> => {
        const tasks = Array.from({ length: count }, (_, n) => executor.submit(triple, [n]));
        return (await Promise.all(tasks)).reduce((sum, value) => sum + value, 0);
      };
      const sum = (count: number): number => (3 * count * (count - 1)) / 2;
      expect(await burst(100_000)).toBe(sum(100_000));
      const before = process.memoryUsage().rss;
      for (let round = 0; round < 4; round++) expect(await burst(10_000)).toBe(sum(10_000));
      expect(process.memoryUsage().rss).toBeLessThan(before * 1.5);
      expect(executor.statistics()).toMatchObject({ workersLost: 0, pending: 0, running: 0 });
    },
  },
  {
    row: 42,
    fault: "the task closes the IPC channel",
    only: "process",
    async body({ make }) {
      const executor = make();
      const error = await rejection(executor.submit(disconnect, []));
      expect(error).toBeInstanceOf(WorkerLostError);
      await until(() => executor.statistics().workersLost === 1);
    },
  },
  {
    row: 42,
    fault: "the worker goes while messages to it wait in the channel",
    only: "process",
    async body({ make, gate }) {
      const executor = make();
      const held = gate();
      const running = executor.submit(hold, [held.token]);
      await held.wait();
      const pid = executor.statistics().workers[0]?.pid ?? NaN;
      process.kill(pid, "SIGSTOP");
      // More than the pipe holds, behind one that does not end.
      const cancelled = executor.submit(echo, [Buffer.alloc(4_000_000)]);
      running.cancel();
      process.kill(pid, "SIGKILL");
      await rejection(running);
      expect((await cancelled).length).toBe(4_000_000);
    },
  },
  {
    row: 43,
    fault: "the task sends messages of its own",
    async body({ make }) {
      const executor = make();
      for (let round = 0; round < 3; round++) {
        expect(await executor.submit(sendStrayMessages, [])).toBe("sent");
      }
      expect(executor.statistics()).toMatchObject({ workersStarted: 1, workersLost: 0, fulfilled: 3 });
    },
  },
];
