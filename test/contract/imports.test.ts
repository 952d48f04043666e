import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { BrokenExecutorError, type OffloopError, TravelError, WorkerLostError } from "offloop";
import { expect, onTestFinished, test } from "vitest";
import type * as ImportFails from "../fixtures/contract/import-fails.mjs";
import { setUp } from "../fixtures/contract/setup.mjs";
import { triple } from "../fixtures/contract/values.mjs";
import { apart, contract } from "./executors.ts";
import { linesOf, rejection, turn } from "./waits.ts";

const require = createRequire(import.meta.url);
type Fn = (n: number) => number;
type Failing = typeof ImportFails;
const importFails = path.join(import.meta.dirname, "../fixtures/contract/import-fails.mjs");

/** What was warned of from here to the end of the test. */
function warnings(code: string): string[] {
  const seen: string[] = [];
  const listen = (warning: Partial<OffloopError>): void => {
    if ((warning.code as string | undefined) === code) seen.push(String(warning.message));
  };
  process.on("warning", listen);
  onTestFinished(() => void process.off("warning", listen));
  return seen;
}

contract(
  "a module that a worker cannot import",
  ({ make, file }) => {
    // A module of each test's own: it is remembered that one could not be imported.
    const failing = (): Failing & { readonly module: string } => {
      const module = `${file()}.mjs`;
      copyFileSync(importFails, module);
      return { ...(require(module) as Failing), module };
    };

    test("by reference it rejects every call with its own error, and costs no worker", async () => {
      const [log, { neverThere, module }] = [file(), failing()];
      const executor = make({ maxWorkers: 2, env: { ...process.env, OFFLOOP_TEST_IMPORTS: log } });
      const calls = Array.from({ length: 20 }, (_, n) =>
        executor.submit(neverThere, [n], { travel: "reference" }),
      );
      for (const error of await Promise.all(calls.map(rejection))) {
        expect(error).toBeInstanceOf(RangeError);
        expect(error).toMatchObject({ message: "not today", code: "E_IMPORT" });
        expect((error as Error).stack).toContain(path.basename(module));
      }
      expect(await executor.submit(triple, [1])).toBe(3);
      const { workersStarted, workersLost, state, rejected } = executor.statistics();
      expect({ workersLost, state, rejected }).toEqual({ workersLost: 0, state: "running", rejected: 20 });
      expect(workersStarted).toBeLessThanOrEqual(2);
      // Once in each worker: a module that failed is not tried again there.
      expect(linesOf(log).length).toBeLessThanOrEqual(workersStarted);
    });

    test("left to itself the function goes by value, with one warning", async () => {
      const [log, { neverThere, throwsHere, module }] = [file(), failing()];
      const seen = warnings("OFFLOOP_WARN_IMPORT");
      const env = { ...process.env, OFFLOOP_TEST_IMPORTS: log };
      const executor = make({ maxWorkers: 2, env });
      const calls = Array.from({ length: 20 }, (_, n) => executor.submit(neverThere, [n]));
      expect(await Promise.all(calls)).toEqual(calls.map((_, n) => neverThere(n)));
      const { workersStarted, workersLost, lost, rejected, retried } = executor.statistics();
      expect({ workersLost, lost, rejected, retried }).toEqual({
        workersLost: 0,
        lost: 0,
        rejected: 0,
        retried: 0,
      });
      expect(linesOf(log).length).toBeLessThanOrEqual(workersStarted);
      await turn();
      expect(seen).toEqual([expect.stringContaining("RangeError: not today")]);
      expect(seen[0]).toContain(path.basename(module));
      // Known of the module, in every executor: nobody tries to import it again.
      const imports = linesOf(log).length;
      const later = make({ env });
      expect(await later.submit(neverThere, [7])).toBe(7);
      const error = await rejection(later.submit(throwsHere, []));
      expect(error).toMatchObject({ name: "TypeError", message: "thrown by the function" });
      expect(linesOf(log)).toHaveLength(imports);
      await turn();
      expect(seen).toHaveLength(1);
    });

    test("a function of it that goes with the arguments goes by value too", async () => {
      const [log, { neverThere }] = [file(), failing()];
      const executor = make({ env: { ...process.env, OFFLOOP_TEST_IMPORTS: log } });
      expect(await executor.submit(callWith, [neverThere, 5])).toBe(5);
      expect(linesOf(log)).toHaveLength(1);
    });

    test("one that uses many such modules is sent until all are known", async () => {
      const [log, modules] = [file(), Array.from({ length: 6 }, failing)];
      const [a, b, c, d, e, f] = modules.map(({ neverThere }) => neverThere) as [Fn, Fn, Fn, Fn, Fn, Fn];
      const executor = make({ env: { ...process.env, OFFLOOP_TEST_IMPORTS: log } });
      expect(await executor.submit(applyAll, [1, a, b, c, d, e, f])).toBe(1);
      expect(linesOf(log)).toHaveLength(modules.length);
      expect(executor.statistics()).toMatchObject({ lost: 0, workersLost: 0, requeued: modules.length });
    });

    test.each(["auto", "value"] as const)("a closure that uses imports of many, too: %s", async (travel) => {
      const [log, main] = [file(), `${file()}.mjs`];
      const modules = Array.from({ length: 5 }, () => failing().module);
      const imports = modules.map(
        (name, i) => `import { neverThere as fn${i} } from ${JSON.stringify(name)};`,
      );
      writeFileSync(
        main,
        `${imports.join("\n")} export const make = () => (n) => fn0(fn1(fn2(fn3(fn4(n)))));`,
      );
      const { make: makeClosure } = require(main) as { make: () => Fn };
      const executor = make({ env: { ...process.env, OFFLOOP_TEST_IMPORTS: log } });
      // All of them were sent, or wait, as the function was captured first.
      const closure = makeClosure();
      const calls = [1, 2, 3].map((n) => executor.submit(closure, [n], { travel }));
      expect(await Promise.all(calls)).toEqual([1, 2, 3]);
      expect(linesOf(log)).toHaveLength(modules.length);
    });

    test("its initializer and its finalizer go by value too, and run once in each worker", async () => {
      const [log, notes, { neverThere, note, noteAtEnd }] = [file(), file(), failing()];
      const executor = make({
        minWorkers: 2,
        maxWorkers: 2,
        initializer: note,
        initializerArgs: [notes],
        finalizer: noteAtEnd,
        env: { ...process.env, OFFLOOP_TEST_IMPORTS: log, OFFLOOP_TEST_NOTES: notes },
      });
      await executor.ready();
      expect(await executor.submit(neverThere, [1])).toBe(1);
      expect(linesOf(notes)).toEqual(["noted", "noted"]);
      expect(linesOf(log)).toHaveLength(2);
      expect(executor.statistics()).toMatchObject({ workersStarted: 2, workersLost: 0 });
      await executor.shutdown();
      expect(linesOf(notes)).toEqual(["noted", "noted", "ended", "ended"]);
    });

    test("only of its finalizer, after the initializer has run", async () => {
      const [log, notes, { note, noteAtEnd }] = [file(), file(), failing()];
      const executor = make({
        initializer: setUp,
        initializerArgs: [notes],
        finalizer: noteAtEnd,
        env: { ...process.env, OFFLOOP_TEST_IMPORTS: log, OFFLOOP_TEST_NOTES: notes },
      });
      expect(await executor.submit(callWith, [identity, 1])).toBe(1);
      expect(linesOf(notes)).toEqual(["set up"]);
      await executor.submit(note, [notes]);
      await executor.shutdown();
      expect(linesOf(notes)).toEqual(["set up", "noted", "ended"]);
    });

    test("an initializer that cannot go by value either fails the start with the module's own error", async () => {
      const [log, { unable }] = [file(), failing()];
      const executor = make({
        initializer: unable,
        env: { ...process.env, OFFLOOP_TEST_IMPORTS: log },
      });
      const error = await rejection(executor.submit(triple, [1]));
      expect(error).toBeInstanceOf(BrokenExecutorError);
      expect((error as Error).cause).toMatchObject({ message: "not today", code: "E_IMPORT" });
      expect(linesOf(log)).toHaveLength(1);
    });

    test("because that ends the worker: the call is tried three times, and never by value", async () => {
      const [log, { neverThere }] = [file(), failing()];
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
      const seen = warnings("OFFLOOP_WARN_IMPORT");
      const executor = make();
      const error = await rejection(executor.submit(lost, [], { travel: "reference" }));
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({ code: "ERR_MODULE_NOT_FOUND" });
      expect(await executor.submit(lost, [])).toBe(1);
      expect(await executor.submit(triple, [1])).toBe(3);
      await turn();
      expect(seen).toEqual([]);
    });

    test("because it is another one there", async () => {
      const module = `${file()}.cjs`;
      writeFileSync(module, "exports.renamed = function renamed() { return 1 }");
      const { renamed } = require(module) as { renamed: () => number };
      writeFileSync(module, "exports.renamed = function renamed() { return 2 }");
      const executor = make();
      const refused = executor.submit(renamed, [], { travel: "reference" });
      expect(await rejection(refused)).toBeInstanceOf(TravelError);
      expect(await executor.submit(renamed, [])).toBe(1);
      writeFileSync(module, "this is no JavaScript");
      const broken = make();
      const unreadable = broken.submit(renamed, [], { travel: "reference" });
      expect(await rejection(unreadable)).toBeInstanceOf(SyntaxError);
      expect(await broken.submit(renamed, [])).toBe(1);
      expect(await broken.submit(triple, [1])).toBe(3);
    });
  },
  apart,
);

function applyAll(n: number, ...fns: Fn[]): number {
  return fns.reduce((value, fn) => fn(value), n);
}

function identity(n: number): number {
  return n;
}

function callWith(fn: (n: number) => number, n: number): number {
  return fn(n);
}
