import { type Executor, WorkerLostError } from "offloop";
import { FakeClock } from "offloop/testing";
import { expect } from "vitest";
import { exit } from "../../fixtures/contract/exits.mjs";
import { loopForever } from "../../fixtures/contract/loops.mjs";
import { count, killAfter, loopAt, noting, OddError, throwAfter } from "../../fixtures/contract/streams.mjs";
import { triple } from "../../fixtures/contract/values.mjs";
import { linesOf, rejection, until, untilError } from "../../contract/waits.ts";
import type { Row } from "../table.ts";

const rests = (executor: Executor): boolean =>
  executor.statistics().workers.every(({ state }) => state === "idle");

export const streams: readonly Row[] = [
  {
    row: 38,
    fault: "the reader of a stream breaks",
    async body({ make, file }) {
      const [executor, path] = [make(), file()];
      for await (const item of executor.stream(noting, [path])) if (item === 3) break;
      expect(linesOf(path).at(-1)).toBe("finally");
      expect(executor.statistics()).toMatchObject({ cancelled: 1, workersLost: 0 });
    },
  },
  {
    row: 38,
    fault: "the reader of a stream throws",
    async body({ make, file }) {
      const [executor, path] = [make(), file()];
      const reading = async (): Promise<void> => {
        for await (const item of executor.stream(noting, [path])) if (item === 3) throw new Error("mine");
      };
      expect(await rejection(reading())).toMatchObject({ message: "mine" });
      expect(linesOf(path).at(-1)).toBe("finally");
    },
  },
  {
    row: 38,
    fault: "slow readers of as many streams as there are workers, and more",
    async body({ make, file }) {
      const executor = make({ maxWorkers: 2 });
      const paths = Array.from({ length: 6 }, file);
      const open = paths.map((path) => executor.stream(noting, [path], { window: 8 }));
      for (const stream of open) expect(await stream.next()).toMatchObject({ value: 0 });
      await until(() => paths.every((path) => linesOf(path).length >= 8));
      expect(await Promise.all([1, 2, 3].map((n) => executor.submit(triple, [n])))).toEqual([3, 6, 9]);
      for (const path of paths) expect(linesOf(path).length).toBeLessThanOrEqual(9);
      for (const stream of open) await stream.return();
      for (const path of paths) expect(linesOf(path).at(-1)).toBe("finally");
    },
  },
  {
    row: 38,
    fault: "a stream that nobody ever reads",
    async body({ make, file }) {
      const [executor, path] = [make(), file()];
      void executor.stream(noting, [path]);
      expect(await executor.submit(triple, [1])).toBe(3);
      expect([linesOf(path), executor.statistics().submitted]).toEqual([[], 1]);
    },
  },
  {
    row: 39,
    fault: "the worker is killed in the middle of a stream",
    only: "process",
    async body({ make }) {
      const [read, error] = await untilError(make().stream(killAfter, [5]));
      expect(read).toEqual([0, 1, 2, 3, 4]);
      expect(error).toBeInstanceOf(WorkerLostError);
      expect(error).toMatchObject({ signal: "SIGKILL", phase: "running" });
    },
  },
  {
    row: 39,
    fault: "the worker ends while a stream rests in it",
    async body({ make }) {
      const executor = make();
      const stream = executor.stream(count, [1e9], { window: 4 });
      expect(await stream.next()).toMatchObject({ value: 0 });
      expect(await rejection(executor.submit(exit, [5]))).toBeInstanceOf(WorkerLostError);
      const [read, error] = await untilError(stream);
      expect(read).toEqual(Array.from({ length: read.length }, (_, index) => index + 1));
      expect(error).toMatchObject({ code: "ERR_OFFLOOP_WORKER_LOST", exitCode: 5 });
    },
  },
  {
    row: 39,
    fault: "the worker in which a stream rests is ended for another task's sake",
    async body({ make, gate, file }) {
      for (const because of ["still running after 100 ms", "cancelled"]) {
        const clock = new FakeClock();
        const [executor, path] = [make({ clock, stacks: false }), file()];
        const stream = executor.stream(noting, [path], { window: 4 });
        expect(await stream.next()).toMatchObject({ value: 0 });
        await until(() => linesOf(path).length === 5 && rests(executor));
        const held = gate();
        const loop = executor.submit(loopForever, [held.token], { timeoutMs: 100 });
        const failure = rejection(loop);
        await held.wait();
        held.open();
        if (because === "cancelled") loop.cancel();
        else await clock.advance(100);
        await failure;
        const [read, error] = await untilError(stream);
        expect(read).toEqual([1, 2, 3, 4]);
        expect(error).toBeInstanceOf(WorkerLostError);
        expect((error as Error).message).toContain(`was ended because task loopForever was ${because},`);
      }
    },
  },
  {
    row: 40,
    fault: "the function of a stream throws after some items",
    async body({ make }) {
      for (const items of [0, 1, 200]) {
        const [read, error] = await untilError(make().stream(throwAfter, [items]));
        expect(read).toHaveLength(items);
        expect(error).toBeInstanceOf(OddError);
      }
    },
  },
  {
    row: 40,
    fault: "the function of a stream never comes to its next item",
    async body({ make, gate }) {
      const clock = new FakeClock();
      const [executor, held] = [make({ clock, stacks: false }), gate()];
      const stream = executor.stream(loopAt, [3, held.token], { timeoutMs: 300 });
      expect(await stream.next()).toMatchObject({ value: 0 });
      await held.wait();
      held.open();
      await clock.advance(300);
      const [read, error] = await untilError(stream);
      expect(read).toEqual([1, 2]);
      expect(error).toMatchObject({ code: "ERR_OFFLOOP_TASK_TIMEOUT", phase: "running" });
    },
  },
];
