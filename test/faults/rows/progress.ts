import { WorkerLostError } from "offloop";
import { expect } from "vitest";
import { reportAndDie, reportThenDie, reportTwice } from "../../fixtures/contract/main-calls.mjs";
import { all, rejection } from "../../contract/waits.ts";
import type { Row } from "../table.ts";

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);

export const progress: readonly Row[] = [
  {
    row: "P1",
    fault: "the worker of a task whose reports were read is killed",
    only: "process",
    async body({ make, gate }) {
      const held = gate();
      const task = make().submit(reportThenDie, [3, held.token]);
      const failure = rejection(task);
      const reading = task.progress[Symbol.asyncIterator]();
      for (const value of numbers(3)) expect(await reading.next()).toEqual({ done: false, value });
      const next = reading.next();
      held.open();
      expect(await next).toEqual({ done: true, value: undefined });
      expect(await failure).toMatchObject({ signal: "SIGKILL", phase: "running" });
    },
  },
  {
    row: "P1",
    fault: "a task ends its worker right after its reports",
    async body({ make, kind }) {
      // What has not left its process yet goes along: there are the first of them, or all.
      for (const how of kind === "thread" ? (["exit"] as const) : (["exit", "kill"] as const)) {
        const task = make().submit(reportAndDie, [40, how]);
        const failure = rejection(task);
        const read = await all(task.progress);
        expect(read).toEqual(numbers(read.length));
        if (kind === "thread") expect(read).toHaveLength(40);
        expect(await failure).toBeInstanceOf(WorkerLostError);
      }
    },
  },
  {
    row: "P1",
    fault: "a task whose worker ended reports again when it is tried again",
    async body({ make, file }) {
      const backoff = { initialMs: 0, maxMs: 0, factor: 1, jitter: 0 };
      const task = make().submit(reportTwice, [file()], { retry: { attempts: 2, backoff } });
      expect(await all(task.progress)).toEqual(["first", "second"]);
      expect(await task).toBe("done");
    },
  },
];
