import { describe, expect, test } from "vitest";
import { makers, refused } from "../fixtures/travel/closures.mjs";
import { typeOf } from "../fixtures/travel/takes.mjs";
import { expectRefused, onEachKind } from "./executors.ts";

type Fn = (...args: never[]) => unknown;

onEachKind((pool) => {
  describe("a function that no worker can import gives what it gives here", () => {
    test.each(Object.entries(makers))("%s", async (_, make) => {
      const [fn, ...args] = make() as [Fn, ...never[]];
      const there = await pool().submit(fn, structuredClone(args), { travel: "value" });
      expect(there).toStrictEqual(await fn(...args));
    });
  });

  test("one function is one function within a call", async () => {
    const factor = Math.random();
    const scale = (x: number): number => x * factor;
    const same = (a: unknown, b: unknown): boolean => a === b;
    expect(await pool().submit(same, [scale, scale], { travel: "value" })).toBe(true);
    const self = (given: unknown): boolean => given === self && factor > 0;
    expect(await pool().submit(self, [self])).toBe(true);
    expect(await pool().submit((f: typeof scale, x: number) => f(f(x)), [scale, 1])).toBe(factor * factor);
  });

  test("`travel` is about all functions of the call", async () => {
    const factor = Math.random();
    const closure = (): number => factor;
    for (const travel of ["auto", "value"] as const) {
      expect(await pool().submit(typeOf, [closure], { travel })).toBe("function");
    }
    expect(await pool().submit(typeOf, [JSON.parse], { travel: "reference" })).toBe("function");
    const error = await expectRefused(pool().submit(typeOf, [closure], { travel: "reference" }), "captured");
    expect(error.path).toContain("closure");
  });

  describe("refuses", () => {
    test.each(Object.entries(refused))("%s", async (_, make) => {
      const [fn, kind, path] = make() as [Fn, "captured", string];
      const error = await expectRefused(pool().submit(fn, []), kind);
      expect(error.path).toContain(path);
    });
  });
});
