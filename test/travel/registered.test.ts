import { describe, expect, test } from "vitest";
import { atLoad, shift } from "../fixtures/travel/after-await.mjs";
import * as circularA from "../fixtures/travel/circular-a.mjs";
import * as circularB from "../fixtures/travel/circular-b.mjs";
import * as names from "../fixtures/travel/names.mjs";
import * as nested from "../fixtures/travel/nested-call.mjs";
import * as loose from "../fixtures/travel/not-top-level.mjs";
import { all, hundredfold, renamed } from "../fixtures/travel/re-export.mjs";
import commonjs from "../fixtures/travel/registered.cjs";
import * as registered from "../fixtures/travel/registered.mjs";
import * as differs from "../fixtures/travel/differs.mjs";
import { expectByValue, onEachKind } from "./executors.ts";

onEachKind((pool) => {
  const run = (wrapped: unknown, ...args: unknown[]): Promise<unknown> =>
    pool().submit(wrapped as (...args: unknown[]) => unknown, args);

  describe("wrapped at the top level", () => {
    test.each([
      ["a function that is not exported", registered.alias, 2, 42],
      ["the first of two on a line", registered.one, 1, 2],
      ["the second of two on a line", registered.two, 1, 3],
      ["a closure", registered.add1, 1, 2],
      ["a closure of the same text", registered.add2, 1, 3],
      ["a function that is wrapped twice", registered.first, 2, 6],
      ["its second wrap", registered.second, 2, 6],
      ["its plain self", registered.shared, 2, 6],
      ["a wrap of a wrap", registered.twice, 2, 14],
      ["the default export", registered.default, 2, 200],
      ["a static method that uses its class", registered.next, 2, 4],
      ["a static method that uses super", registered.inherited, 2, 2],
      ["a bound function", registered.bound, 2, 7],
      ["an async function", registered.later, 2, 1],
      ["a method of an object literal", registered.method, 2, 22],
      ["the plain function of a wrap", registered.add1.sync, 2, 3],
      ["what with() gives", registered.add2.with({}), 2, 4],
      ["an alias", renamed, 5, 6],
      ["the default export under another name", hundredfold, 5, 500],
      ["a namespace's member", all.add2, 5, 7],
      ["after a top-level await", shift, 5, 15],
      ["CommonJS", commonjs.times, 5, 30],
      ["CommonJS and its wrapper", commonjs.loader, 0, "functionobject.cjs"],
      ["in a module of a cycle", circularA.fromA, 1, 2],
      ["in the other module of a cycle", circularB.seesA, 1, 2],
      ["across a cycle", circularA.both, 1, 3],
      ["exported through a cycle", circularA.viaB, 1, 2],
      ["calling another one inside the worker", nested.outer, 1, 23],
      ["a function whose name is not a string", names.wrappedOdd, 1, 3],
    ])("%s", async (_title, wrapped, argument, result) => {
      expect(await run(wrapped, argument)).toBe(result);
    });

    test("as an argument", async () => {
      expect(await run(nested.apply, registered.add2, 1)).toBe(3);
      expect(await run(nested.apply, registered.shared, 1)).toBe(3);
    });
  });

  describe("not at the top level", () => {
    test("turns of a loop that captured something", async () => {
      for (const wrapped of loose.captured) await expectByValue(pool(), wrapped, [1], "captured");
    });

    test("turns of a loop that captured nothing are all the same", async () => {
      for (const wrapped of loose.same) expect(await run(wrapped, 2)).toBe(10);
    });

    test("turns of a loop with a function each", async () => {
      expect(await run(loose.each[0], 1)).toBe(1001);
      expect(await run(loose.each[1], 1)).toBe(-999);
    });

    test.each([
      ["a factory", loose.made],
      ["a callback", loose.fromCallback],
      ["a static block", loose.Holder.wrapped],
    ])("%s", async (_title, wrapped) => {
      await expectByValue(pool(), wrapped, [1], "captured");
    });

    test("code of eval()", async () => {
      await expectByValue(pool(), loose.evaluated, [1], ["captured", "eval"]);
    });

    test("an exported function", async () => {
      expect(await run(loose.wrappedExported, 1)).toBe(1.5);
    });
  });

  describe("a module that wraps other things in a worker", () => {
    test("a wrap that comes before does not shift those behind it", async () => {
      expect(await run(differs.after, "")).toBe("after");
    });

    test.each([
      ["a wrap that is not there", differs.onlyMain],
      ["another wrap", differs.chosen],
      ["another function at the same place", differs.samePlace],
    ])("%s", async (_title, wrapped) => {
      await expectByValue(pool(), wrapped, [""], "not-exported");
    });
  });
});

test("wraps run in place in the worker that loads them, and anywhere by themselves", async () => {
  expect(atLoad).toBe(11);
  expect(await registered.callHidden(1)).toBe(41);
  expect(await commonjs.callHidden(2)).toBe(12);
});
