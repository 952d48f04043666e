import { once } from "node:events";
import { WorkerLostError } from "offloop";
import { expect } from "vitest";
import {
  abort,
  exit,
  exitAfterwards,
  rejectAfterwards,
  segfault,
  throwInTimer,
} from "../../fixtures/contract/exits.mjs";
import { hold } from "../../fixtures/contract/holds.mjs";
import { triple } from "../../fixtures/contract/values.mjs";
import type { Bench } from "../../contract/executors.ts";
import { rejection, until } from "../../contract/waits.ts";
import type { Row } from "../table.ts";

const exits = (row: number, code: number): Row => ({
  row,
  fault: `process.exit(${code}) in the task`,
  async body({ make }) {
    const executor = make();
    const error = await rejection(executor.submit(exit, [code]));
    expect(error).toBeInstanceOf(WorkerLostError);
    expect(error).toMatchObject({ exitCode: code, signal: null, oom: false, attempts: 1, phase: "running" });
  },
});

const pidOf = (executor: ReturnType<Bench["make"]>): number => executor.statistics().workers[0]?.pid ?? NaN;

export const deaths: readonly Row[] = [
  exits(8, 0),
  exits(9, 7),
  {
    row: 10,
    fault: "process.exit() in a setImmediate after the result",
    async body({ make }) {
      const executor = make();
      for (let round = 0; round < 5; round++) {
        expect(await executor.submit(exitAfterwards, [])).toBe("done");
        expect(await executor.submit(triple, [round])).toBe(round * 3);
      }
      expect(executor.statistics()).toMatchObject({ fulfilled: 10, lost: 0 });
    },
  },
  {
    row: 11,
    fault: "an uncaught error in a timer, during the task",
    async body({ make }) {
      const error = await rejection(make().submit(throwInTimer, []));
      expect(error).toBeInstanceOf(WorkerLostError);
      expect(error).toMatchObject({ phase: "running", cause: { message: "from a timer", code: "E_TIMER" } });
    },
  },
  {
    row: 12,
    fault: "an unhandled rejection in a worker that is idle",
    async body({ make }) {
      const executor = make();
      const warned = once(process, "warning") as Promise<[Error & { code?: string }]>;
      expect(await executor.submit(rejectAfterwards, [])).toBe("done");
      const [warning] = await warned;
      expect(warning).toMatchObject({ name: "OffloopWarning", code: "OFFLOOP_WARN_WORKER_LOST" });
      expect(warning.message).toContain("nobody is there");
      expect(executor.statistics()).toMatchObject({ lost: 0, workersLost: 1 });
    },
  },
  {
    row: 13,
    fault: "SIGKILL while it runs",
    only: "process",
    async body({ make, gate }) {
      const executor = make();
      const held = gate();
      const task = executor.submit(hold, [held.token]);
      await held.wait();
      process.kill(pidOf(executor), "SIGKILL");
      const error = await rejection(task);
      expect(error).toBeInstanceOf(WorkerLostError);
      expect(error).toMatchObject({ exitCode: null, signal: "SIGKILL", oom: false });
    },
  },
  {
    row: 14,
    fault: "SIGKILL while it is idle, and a call at once",
    only: "process",
    async body({ make }) {
      const executor = make();
      await executor.ready();
      for (let round = 0; round < 5; round++) {
        process.kill(pidOf(executor), "SIGKILL");
        expect(await executor.submit(triple, [round])).toBe(round * 3);
      }
      expect(executor.statistics()).toMatchObject({ fulfilled: 5, lost: 0, workersLost: 5 });
    },
  },
  {
    row: 15,
    fault: "a segmentation fault, and process.abort()",
    only: "process",
    async body({ make }) {
      const executor = make();
      for (const [fn, signal] of [
        [segfault, "SIGSEGV"],
        [abort, "SIGABRT"],
      ] as const) {
        const error = await rejection(executor.submit(fn as () => unknown, []));
        expect(error).toBeInstanceOf(WorkerLostError);
        expect(error).toMatchObject({ exitCode: null, signal, oom: false });
      }
      await until(() => executor.statistics().workersLost === 2);
    },
  },
];
