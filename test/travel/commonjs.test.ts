import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { expectByValue, onEachKind } from "./executors.ts";

const require = createRequire(import.meta.url);
// First, so that it is first in Node's cache of modules.
const passesOn = require("../fixtures/travel/passes-on.cjs") as { heavy: Any };
require("../fixtures/travel/proxy.cjs");
const commonjs = require("../fixtures/travel/commonjs.cjs") as Commonjs;
const only = require("../fixtures/travel/only.cjs") as Any;
const esbuildLike = require("../fixtures/travel/esbuild-like.cjs") as { half: Any; third: Any };

type Any = (...args: unknown[]) => unknown;
interface Commonjs extends Record<"plain" | "arrow" | "other" | "add1" | "add2" | "bound" | "compiled", Any> {
  nested: { deeper: { fn: Any } };
  Tool: { measure: Any };
  give: () => Any;
  giveSloppy: () => Any;
  giveStrict: () => Any;
}

onEachKind((pool) => {
  const run = (fn: Any, ...args: unknown[]): Promise<unknown> => pool().submit(fn, args);

  describe("exported by a CommonJS module", () => {
    test.each([
      ["by its name", commonjs.plain, 1, 31],
      ["an arrow function", commonjs.arrow, 1, -29],
      ["under another name", commonjs.other, 2, 60],
      ["nested", commonjs.nested.deeper.fn, 1, 32],
      ["a static method", commonjs.Tool.measure, 1, 31],
      ["a closure", commonjs.add1, 1, 2],
      ["a closure of the same text", commonjs.add2, 1, 3],
      ["through a getter that only names it", commonjs.compiled, 1, 33],
      ["module.exports", only, 1, 3],
      ["compiled by esbuild", esbuildLike.half, 4, 2],
      ["compiled by esbuild, under another name", esbuildLike.third, 6, 2],
      ["passed on by a module that must not be loaded", passesOn.heavy, 1, 13],
    ])("%s", async (_title, fn, argument, result) => {
      expect(await run(fn, argument)).toBe(result);
    });

    test("getters that do more are left alone", () => {
      expect((globalThis as { offloopTouched?: number }).offloopTouched).toBe(0);
    });

    test("a function that is not exported", async () => {
      await expectByValue(pool(), commonjs.give(), [1], "not-exported");
    });

    test("one that is sloppy, and one that is strict", async () => {
      expect(commonjs.giveSloppy()()).toEqual(["object", "function"]);
      await expectByValue(pool(), commonjs.giveSloppy(), [], "not-exported");
      await expectByValue(pool(), commonjs.giveStrict(), [], "not-exported");
    });
  });
});
