import { createRequire } from "node:module";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { isSea } from "node:sea";
import { promisify, types } from "node:util";
import zlib from "node:zlib";
import { threaded } from "offloop";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { typeOf } from "../fixtures/travel/takes.mjs";
import { expectByValue, expectNoWay, onEachKind, outcome } from "./executors.ts";

type Any = (...args: unknown[]) => unknown;

onEachKind((pool) => {
  const run = (fn: unknown, ...args: unknown[]): Promise<unknown> => pool().submit(fn as Any, args);

  describe("of the language and of Node", () => {
    test.each([
      ["JSON.parse", JSON.parse, ["[1]"], [1]],
      ["Math.max", Math.max, [1, 3, 2], 3],
      ["path.join", path.join, ["a", "..", "b"], "b"],
      ["structuredClone", structuredClone, [{ a: 1 }], { a: 1 }],
      ["Buffer.byteLength", Buffer.byteLength, ["äö"], 4],
      ["parseInt", parseInt, ["12", 10], 12],
      ["a class", String, [5], "5"],
      ["util.types.isDate", types.isDate, [new Date(0)], true],
      ["path.win32.join", path.win32.join, ["a", "b"], "a\\b"],
      ["Object.keys", Object.keys, [{ a: 1, b: 2 }], ["a", "b"]],
      ["isSea, of a module that has a name with node: only", isSea, [], false],
      ["crypto.scryptSync", crypto.scryptSync, ["p", "s", 8], crypto.scryptSync("p", "s", 8)],
      ["zlib.gunzipSync", zlib.gunzipSync, [zlib.gzipSync("text")], Buffer.from("text")],
    ])("%s", async (_title, fn, args, result) => {
      expect(await run(fn, ...args)).toEqual(result);
      expect(await threaded(fn as Any, { executor: pool() })(...args)).toEqual(result);
    });

    test("all that this process has loaded", async () => {
      const loaded = new Set(
        (process as unknown as { moduleLoadList: string[] }).moduleLoadList.map((entry) =>
          entry.replace("NativeModule ", ""),
        ),
      );
      const names = ["fs", "path", "crypto", "zlib", "util", "url", "os", "events"].filter((name) =>
        loaded.has(name),
      );
      const fns = names.flatMap((name) =>
        Object.values(Object.getOwnPropertyDescriptors(process.getBuiltinModule(name as "fs")))
          .map(({ value }) => value as unknown)
          .filter((value) => typeof value === "function"),
      );
      expect(fns.length).toBeGreaterThan(100);
      expect(new Set(await Promise.all(fns.map((fn) => run(typeOf, fn))))).toEqual(new Set(["function"]));
    });

    test.each([
      ["the result of util.promisify", promisify(fs.readFile)],
      ["a Proxy", new Proxy((a: number) => a, {})],
      ["a function of Intl", new Intl.NumberFormat().format],
      ["what binds a function of Intl", new Intl.NumberFormat().format.bind(null, 1)],
    ])("%s has no name", async (_title, fn) => {
      await expectNoWay(pool(), fn, { reference: "native", value: "native" });
    });

    test("a bound function has no name, but parts", async () => {
      await expectByValue(pool(), ((a: number, b: number) => a - b).bind(null, 1), [3], "native");
      await expectByValue(pool(), Math.max.bind(null, 1), [3], "native");
    });

    test("a method of a prototype fails there as it does here", async () => {
      const trim: unknown = String.prototype.trim;
      expect(await run(typeOf, trim)).toBe("function");
      const here = await outcome(() => (trim as Any)(" a "));
      expect(here).toMatchObject({ name: "TypeError" });
      expect(await outcome(() => run(trim, " a "))).toEqual(here);
    });
  });

  describe("replaced by the program", () => {
    const { parse } = JSON;
    afterEach(() => void (JSON.parse = parse));

    test("the original travels on", async () => {
      JSON.parse = () => "replaced";
      expect(await run(parse, "[1]")).toEqual([1]);
    });
  });

  describe("made global by the program", () => {
    const globals = globalThis as { offloopHelper?: Any };
    beforeEach(() => void (globals.offloopHelper = (n) => (n as number) + 1));
    afterEach(() => delete globals.offloopHelper);

    test("a function is none of the language", async () => {
      await expectByValue(pool(), globals.offloopHelper, [1], ["captured", "not-exported"]);
      // oxlint-disable-next-line typescript/no-implied-eval
      await expectByValue(pool(), new Function("return offloopHelper(1)"), [], "eval");
    });
  });

  describe("an addon", () => {
    test("its functions", async () => {
      const require = createRequire(createRequire(import.meta.url).resolve("rolldown"));
      const name = `@rolldown/binding-${process.platform}-${process.arch}`;
      const binding = ["", "-gnu", "-musl", "-msvc"]
        .map((end) => {
          try {
            return require(name + end) as Record<string, unknown>;
          } catch {
            return undefined;
          }
        })
        .find((found) => found !== undefined);
      const fn = Object.values(binding ?? {}).find(
        (value) => typeof value === "function" && value.name !== "" && !/^[A-Z]/.test(value.name),
      );
      expect(fn).toBeTypeOf("function");
      expect(await run(typeOf, fn)).toBe("function");
    });
  });
});
