import { describe, expect, test } from "vitest";
import { makers, refused } from "../fixtures/travel/closures.mjs";
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

  describe("refuses", () => {
    test.each(Object.entries(refused))("%s", async (_, make) => {
      const [fn, kind, path] = make() as [Fn, "captured", string];
      const error = await expectRefused(pool().submit(fn, []), kind);
      expect(error.path).toContain(path);
    });
  });
});
