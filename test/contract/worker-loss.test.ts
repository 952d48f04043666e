import { once } from "node:events";
import { WorkerLostError } from "offloop";
import { expect, test } from "vitest";
import {
  abort,
  exit,
  exitAfterwards,
  exitLater,
  rejectUnhandled,
  sendStrayMessages,
  throwAfterwards,
  throwInTimer,
} from "../fixtures/contract/exits.mjs";
import { append, hold } from "../fixtures/contract/holds.mjs";
import { triple } from "../fixtures/contract/values.mjs";
import { apart, type Bench, contract } from "./executors.ts";
import { linesOf, rejection, until } from "./waits.ts";

type Executor = ReturnType<Bench["make"]>;

async function expectNextToWork(executor: Executor, lost: number): Promise<void> {
  expect(await executor.submit(triple, [1])).toBe(3);
  expect(executor.statistics()).toMatchObject({ state: "running", lost, workersLost: 1, requeued: 0 });
}

contract(
  "a worker that dies",
  ({ make, file }) => {
    test.each([
      ["at once with 0", exit, 0],
      ["at once with 7", exit, 7],
      ["later with 3", exitLater, 3],
    ])("because the task exits %s", async (_, fn, code) => {
      const executor = make();
      const task = executor.submit(fn, [code]);
      const error = await rejection(task);
      expect(error).toBeInstanceOf(WorkerLostError);
      expect(error).toMatchObject({
        code: "ERR_OFFLOOP_WORKER_LOST",
        exitCode: code,
        signal: null,
        oom: false,
      });
      expect(error).toMatchObject({ workerId: task.workerId, attempts: 1, phase: "running" });
      expect((error as WorkerLostError).cause).toBeUndefined();
      expect(task.state).toBe("rejected");
      await expectNextToWork(executor, 1);
    });

    test.each([
      ["throws in a timer", throwInTimer, { message: "from a timer", code: "E_TIMER" }],
      ["leaves a rejection unhandled", rejectUnhandled, { message: "nobody caught me" }],
    ])("because the task %s tells the cause", async (_, fn, cause) => {
      const executor = make();
      const error = await rejection(executor.submit(fn, []));
      expect(error).toBeInstanceOf(WorkerLostError);
      expect(error).toMatchObject({ exitCode: 1, phase: "running" });
      expect((error as Error).cause).toBeInstanceOf(RangeError);
      expect((error as Error).cause).toMatchObject(cause);
      await expectNextToWork(executor, 1);
    });

    test("costs the tasks behind it nothing", async () => {
      const executor = make();
      const log = file();
      const lost = rejection(executor.submit(exit, [1]));
      const rest = ["a", "b", "c"].map((line) => executor.submit(append, [log, line]));
      expect(await lost).toBeInstanceOf(WorkerLostError);
      expect(await Promise.all(rest)).toEqual(["a", "b", "c"]);
      expect(linesOf(log)).toEqual(["a", "b", "c"]);
      expect(executor.statistics()).toMatchObject({ fulfilled: 3, rejected: 1, lost: 1, workersStarted: 2 });
      expect(executor.statistics().functions).toContainEqual(
        expect.objectContaining({ name: "exit", lost: 1 }),
      );
    });

    test("just after its result costs neither that nor the next call", async () => {
      const executor = make();
      for (let round = 0; round < 3; round++) {
        expect(await executor.submit(exitAfterwards, [])).toBe("done");
        expect(await executor.submit(triple, [round])).toBe(round * 3);
      }
      expect(executor.statistics()).toMatchObject({ fulfilled: 6, lost: 0 });
    });

    test("of what an earlier task left behind is told as a warning", async () => {
      const executor = make();
      const warned = once(process, "warning") as Promise<[Error & { code?: string }]>;
      expect(await executor.submit(throwAfterwards, [])).toBe("done");
      const [warning] = await warned;
      expect(warning).toMatchObject({ name: "OffloopWarning", code: "OFFLOOP_WARN_WORKER_LOST" });
      expect(warning.message).toContain("left behind");
      await expectNextToWork(executor, 0);
    });

    test("is not what a stray message means", async () => {
      const executor = make();
      const task = executor.submit(sendStrayMessages, []);
      expect(await task).toBe("sent");
      const next = executor.submit(triple, [1]);
      expect(await next).toBe(3);
      expect(next.workerId).toBe(task.workerId);
      expect(executor.statistics()).toMatchObject({ workersStarted: 1, workersLost: 0 });
    });
  },
  apart,
);

contract(
  "a process that is killed",
  ({ make, gate }) => {
    const pidOf = (executor: Executor): number => executor.statistics().workers[0]?.pid ?? NaN;

    test("by abort() names the signal", async () => {
      const executor = make();
      const error = await rejection(executor.submit(abort, []));
      expect(error).toBeInstanceOf(WorkerLostError);
      expect(error).toMatchObject({ exitCode: null, signal: "SIGABRT", phase: "running" });
      await expectNextToWork(executor, 1);
    });

    test("while it runs names the signal", async () => {
      const executor = make();
      const held = gate();
      const task = executor.submit(hold, [held.token]);
      await held.wait();
      process.kill(pidOf(executor), "SIGKILL");
      const error = await rejection(task);
      expect(error).toBeInstanceOf(WorkerLostError);
      expect(error).toMatchObject({ exitCode: null, signal: "SIGKILL", attempts: 1, phase: "running" });
      await expectNextToWork(executor, 1);
    });

    test("while it is idle costs the next call nothing", async () => {
      const executor = make();
      await executor.ready();
      for (let round = 0; round < 3; round++) {
        const pid = pidOf(executor);
        process.kill(pid, "SIGKILL");
        const task = executor.submit(triple, [round]);
        expect(task.state).toBe("running");
        expect(await task).toBe(round * 3);
        expect(pidOf(executor)).not.toBe(pid);
      }
      expect(executor.statistics()).toMatchObject({ fulfilled: 3, requeued: 3, lost: 0, workersLost: 3 });
    });

    test("while it starts, again and again, is replaced, and costs what waits for it nothing", async () => {
      const executor = make();
      const task = executor.submit(triple, [2]);
      let killed = NaN;
      for (let kill = 1; kill <= 3; kill++) {
        await until(() => pidOf(executor) > 0 && pidOf(executor) !== killed);
        expect(executor.statistics().workers[0]?.state).toBe("starting");
        killed = pidOf(executor);
        process.kill(killed, "SIGKILL");
      }
      expect(await task).toBe(6);
      expect(executor.statistics()).toMatchObject({
        state: "running",
        workersLost: 3,
        workersStarted: 1,
        lost: 0,
      });
    });

    test("while it is idle, and nobody calls, is just gone", async () => {
      const executor = make();
      await executor.ready();
      process.kill(pidOf(executor), "SIGKILL");
      await until(() => executor.statistics().workers.length === 0);
      expect(executor.statistics()).toMatchObject({ state: "running", workersLost: 1, lost: 0 });
    });
  },
  ({ kind }) => kind === "process",
);
