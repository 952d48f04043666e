import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { make as usesExports } from "../../fixtures/travel/exports.cjs";
import * as strict from "../../fixtures/travel/hostile.mjs";
import type { TravelErrorKind } from "offloop";
import { expectRefused, onEachKind } from "../executors.ts";
import { nodeMajor } from "../programs.ts";

type Fn = (...args: never[]) => unknown;
type Made = [fn: Fn, ...args: never[]] & { readonly cleanup?: () => void };
type Make = () => Made;

const sloppy = createRequire(import.meta.url)("../../fixtures/travel/hostile/index.cjs") as typeof strict;
const exact = { "exports of CommonJS": usesExports, ...sloppy.exact, ...strict.exact } as unknown as Record<
  string,
  Make
>;
const refused = { ...sloppy.refused, ...strict.refused } as unknown as Record<
  string,
  [TravelErrorKind, Make]
>;

/** Anew, because it may change what it captured; what it did to the program is undone. */
async function made<T>(make: Make, use: (fn: Fn, args: never[]) => T): Promise<Awaited<T>> {
  const { cleanup, 0: fn, ...rest } = make();
  const args = Object.keys(rest)
    .filter((key) => /^\d+$/.test(key))
    .map((key) => rest[key as never] as never);
  try {
    return await use(fn, args);
  } finally {
    cleanup?.();
  }
}

onEachKind((pool, kind) => {
  describe("by value, exactly", () => {
    test.each(Object.entries(exact))("%s", async (_, make) => {
      const here = await made(make, (fn, args) => fn(...args));
      const there = await made(make, (fn, args) => pool().submit(fn, args, { travel: "value" }));
      expect(there).toStrictEqual(structuredClone(here));
    });
  });

  describe("refused", () => {
    test.each(Object.entries(refused))("%s", async (_, [reason, make]) => {
      await made(make, (fn, args) => expectRefused(pool().submit(fn, args, { travel: "value" }), reason));
    });

    test.runIf(nodeMajor >= 22)("a variable that has no value yet", async () => {
      const fn = strict.early()[0]!;
      const error = await expectRefused(pool().submit(fn, [], { travel: "value" }), "captured");
      expect(error.message).toContain("no value yet");
    });

    test.each(strict.unset() as Fn[])("a variable that plainly has no value yet: %o", async (fn) => {
      const error = await expectRefused(pool().submit(fn, [], { travel: "value" }), "captured");
      expect(error.message).toContain("no value yet");
    });

    test("shared memory is for threads", async () => {
      const memory = new SharedArrayBuffer(8);
      const words = new Int32Array(memory);
      const call = pool().submit(() => void Atomics.store(words, 1, 7), []);
      if (kind === "process") {
        const error = await expectRefused(call, "live-object");
        expect(error.message).toContain("ThreadPoolExecutor");
      } else {
        await call;
        expect(words[1]).toBe(7);
      }
    });
  });

  test("a snapshot of when the call was made", async () => {
    const state = { list: [1], when: "before" };
    const read = (): unknown => [state.when, state.list.length];
    const calls = [1, 2, 3].map(() => pool().submit(read, []));
    state.when = "after";
    state.list.push(2);
    expect(await Promise.all(calls)).toEqual([1, 2, 3].map(() => ["before", 1]));
    expect(await pool().submit(read, [])).toEqual(["after", 2]);
  });

  test("much data", async () => {
    const entries = new Map(Array.from({ length: 1_000_000 }, (_, index) => [index, index]));
    const withFunction = new Map<string | number, unknown>([...entries].slice(0, 100_000));
    withFunction.set("fn", () => entries.size);
    expect(await pool().submit(() => [withFunction.size, (withFunction.get("fn") as Fn)()], [])).toEqual([
      100_001, 1_000_000,
    ]);
  });
});
