import { rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { WorkerLostError } from "offloop";
import { expect, test } from "vitest";
import { neverThere } from "../fixtures/contract/import-fails.mjs";
import { triple } from "../fixtures/contract/values.mjs";
import { apart, contract } from "./executors.ts";
import { linesOf, rejection } from "./waits.ts";

const require = createRequire(import.meta.url);

contract(
  "a module that a worker cannot import",
  ({ make, file }) => {
    test("rejects every call with its own error, and costs no worker", async () => {
      const log = file();
      const executor = make({ maxWorkers: 2, env: { ...process.env, OFFLOOP_TEST_IMPORTS: log } });
      const tasks = Array.from({ length: 20 }, (_, n) => executor.submit(neverThere, [n]));
      for (const error of await Promise.all(tasks.map(rejection))) {
        expect(error).toBeInstanceOf(RangeError);
        expect(error).toMatchObject({ message: "not today", code: "E_IMPORT" });
        expect((error as Error).stack).toContain("import-fails.mjs");
      }
      expect(await executor.submit(triple, [1])).toBe(3);
      const { workersStarted, workersLost, state, rejected } = executor.statistics();
      expect({ workersLost, state, rejected }).toEqual({ workersLost: 0, state: "running", rejected: 20 });
      expect(workersStarted).toBeLessThanOrEqual(2);
      // Once in each worker: a module that failed is not tried again there.
      expect(linesOf(log).length).toBeLessThanOrEqual(workersStarted);
    });

    test("because that ends the worker: the call is tried three times", async () => {
      const log = file();
      const executor = make({ env: { ...process.env, OFFLOOP_TEST_IMPORTS: log, OFFLOOP_TEST_EXIT: "4" } });
      const error = await rejection(executor.submit(neverThere, [1]));
      expect(error).toBeInstanceOf(WorkerLostError);
      expect(error).toMatchObject({ exitCode: 4, attempts: 3, phase: "unknown" });
      expect(linesOf(log)).toHaveLength(3);
      expect(await executor.submit(triple, [1])).toBe(3);
      expect(executor.statistics()).toMatchObject({ lost: 1, requeued: 2, workersLost: 3 });
    });

    test("because it is gone", async () => {
      const module = `${file()}.cjs`;
      writeFileSync(module, "exports.lost = function lost() { return 1 }");
      const { lost } = require(module) as { lost: () => number };
      rmSync(module);
      const executor = make();
      const error = await rejection(executor.submit(lost, []));
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({ code: "ERR_MODULE_NOT_FOUND" });
      expect(await executor.submit(triple, [1])).toBe(3);
    });

    test("because it is another one there", async () => {
      const module = `${file()}.cjs`;
      writeFileSync(module, "exports.renamed = function renamed() { return 1 }");
      const { renamed } = require(module) as { renamed: () => number };
      writeFileSync(module, "exports.renamed = function renamed() { return 2 }");
      const executor = make();
      expect(await rejection(executor.submit(renamed, []))).toMatchObject({ code: "ERR_OFFLOOP_TRAVEL" });
      writeFileSync(module, "this is no JavaScript");
      const broken = make();
      expect(await rejection(broken.submit(renamed, []))).toBeInstanceOf(SyntaxError);
      expect(await broken.submit(triple, [1])).toBe(3);
    });
  },
  apart,
);
