import { describe, expect, test } from "vitest";
import * as big from "../fixtures/travel/big.mjs";
import { plainB } from "../fixtures/travel/circular-b.mjs";
import * as differs from "../fixtures/travel/differs.mjs";
import * as exported from "../fixtures/travel/exported.mjs";
import * as names from "../fixtures/travel/names.mjs";
import { never as neverLoads } from "../fixtures/travel/never-loads.mjs";
import { never as throwsOnImport } from "../fixtures/travel/throws-on-import.mjs";
import * as twins from "../fixtures/travel/twins.mjs";
import { expectByValue, expectNoWay, expectRefused, onEachKind } from "./executors.ts";

type Any = (...args: unknown[]) => unknown;

onEachKind((pool) => {
  const run = (fn: unknown, ...args: unknown[]): Promise<unknown> => pool().submit(fn as Any, args);

  describe("exported by an ES module", () => {
    test.each([
      ["a declaration", exported.plain, 1, 21],
      ["an arrow function", exported.arrow, 1, -19],
      ["an async function", exported.later, 1, 21],
      ["the default export", exported.default, 2, 40],
      ["a method of an object", exported.api.parse, "abc", 23],
      ["deep inside an object", exported.api.deep.fn, 1, 4],
      ["in a list", exported.list[0], 1, 72],
      ["a static method", exported.Tool.plain, 2, 40],
      ["a static method that uses its class", exported.Tool.measure, 2, 8],
      ["a method of a prototype", exported.Tool.prototype.method, 2, 22],
      ["under another name", exported.$other, 20, 1],
      [
        "an arrow function with `this` in a text",
        exported.usesText,
        0,
        "this is only text, and so is new.target",
      ],
      ["a function with a `this` of its own", exported.ownThis, 0, "undefined"],
      ["an arrow function with properties", exported.memo, 3, 3],
      ["a declaration with properties", exported.counted, 0, 1],
      ["in a module of a cycle", plainB, 1, 7],
      ["a function whose name is not a string", names.renamedLater, 1, 3],
      ["a member of a class whose name is a method", names.Odd.plain, 1, 1],
      ["beside a lot of data", big.lookUp, 17, 17],
    ])("%s", async (_title, fn, argument, result) => {
      expect(await run(fn, argument)).toBe(result);
    });

    test("a class is called like a function there, too", async () => {
      await expect(run(exported.Tool)).rejects.toThrow(TypeError);
    });

    test("state is the worker's", async () => {
      const counted = exported.counted as typeof exported.counted & { calls?: number };
      counted.calls = 1_000;
      expect(await run(counted)).toBeLessThan(10);
      expect(counted.calls).toBe(1_000);
    });
  });

  describe("never another function that looks like it", () => {
    test.each([
      ["closures of one text", twins.add1, "captured"],
      ["closures of one text", twins.add2, "captured"],
      ["a closure that is not exported", twins.hidden.hidden3(), "captured"],
      ["a class made by a function, and what it extends", twins.hidden.Class2(), "not-exported"],
      ["a method of a class that a function made", twins.hidden.Named2().get, "not-exported"],
      ["properties of a function expression", twins.hidden.own2(), "not-exported"],
      ["a function of the same name and text", twins.impostor, "captured"],
      ["one that is not exported where its impostor is", twins.hidden.real(), "not-exported"],
      ["a variable of a loop", twins.inLoop, "captured"],
      ["a variable of a block", twins.inBlock, "captured"],
      ["a variable of a catch", twins.inCatch, "captured"],
    ] as const)("%s", async (_title, fn, kind) => {
      await expectByValue(pool(), fn, [1], kind);
    });

    test.each([
      ["the this of an arrow function", twins.this1, "this", "this"],
      ["the this of one that is not exported", twins.hidden.this2(), "this", "this"],
      ["new.target", twins.target1, "this", "this"],
      ["new.target of one that is not exported", twins.hidden.target2(), "this", "this"],
      ["super", twins.super1, "this", "this"],
      ["super of one that is not exported", twins.hidden.super2(), "this", "this"],
      ["eval", twins.eval1, ["captured", "this"], "eval"],
      ["arguments", twins.arguments1, "captured", "live-object"],
    ] as const)("%s", async (_title, fn, reference, value) => {
      await expectNoWay(pool(), fn, { reference, value });
    });

    test("what belongs to a variable of its module is known by that", async () => {
      expect(await run(twins.Named1.get)).toBe(1);
      expect(await run(twins.own1)).toBe(1);
      expect(await run(exported.Tool.inherited, 2)).toBe(4);
      expect(await run(exported.Tool.arrow, 2)).toBe(8);
      expect(await run(exported.Minified.make, 2)).toBe(2);
      await expect(run(twins.Class1)).rejects.toThrow(TypeError);
    });
  });

  describe("what a worker cannot give", () => {
    test("a function that is not exported", async () => {
      const fn = exported.give.unexported();
      const { path } = await expectRefused(pool().submit(fn, [1], { travel: "reference" }), "not-exported");
      expect(path).toBe("unexported");
      await expectByValue(pool(), fn, [1], "not-exported");
    });

    test("an export that is not there in a worker", async () => {
      await expectByValue(pool(), differs.table.fn, [""], "not-exported");
    });

    test("a module that throws on import gives its own error, each time, unless the function goes by value", async () => {
      const own = { code: "E_CONFIG", message: "no config in a worker" };
      for (let i = 0; i < 2; i++) {
        const call = pool().submit(throwsOnImport, [], { travel: "reference" });
        await expect(call).rejects.toMatchObject(own);
        expect(await run(throwsOnImport)).toBe(throwsOnImport());
      }
    });

    test("a module whose import never ends is bounded by timeoutMs", async () => {
      const call = pool().submit(neverLoads, [], { timeoutMs: 300 });
      await expect(call).rejects.toMatchObject({ name: "TimeoutError", timeoutMs: 300 });
      expect(await run(exported.plain, 1)).toBe(21);
    });
  });
});
