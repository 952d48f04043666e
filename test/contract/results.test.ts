import { gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import {
  countArguments,
  echo,
  echoLater,
  isPoint,
  makePoint,
  mutate,
  Point,
  thenable,
  triple,
} from "../fixtures/contract/values.mjs";
import { contract } from "./executors.ts";

contract("results", ({ shared }) => {
  test("of a synchronous function", async () => {
    expect(await shared().submit(triple, [14])).toBe(42);
  });

  test("of an async function", async () => {
    expect(await shared().submit(echoLater, ["late"])).toBe("late");
  });

  test("of a function that returns its own kind of promise", async () => {
    expect(await shared().submit(thenable, [])).toBe("then");
  });

  test("of functions of Node and of the language", async () => {
    expect(await shared().submit(JSON.parse, ['{"a":[1]}'])).toEqual({ a: [1] });
    expect(await shared().submit(Math.max, [3, 9, 4])).toBe(9);
    const zipped = await shared().submit(gzipSync, ["hello"]);
    expect(Buffer.isBuffer(zipped)).toBe(true);
    expect(String(gunzipSync(zipped))).toBe("hello");
  });

  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["NaN", NaN],
    ["-0", -0],
    ["a bigint", 2n ** 80n],
    ["an empty string", ""],
    ["text beyond ASCII", "häß \u{1f600} \0"],
    ["a Date", new Date(86_400_000)],
    ["a RegExp", /a+/giu],
    ["a Map", new Map<unknown, unknown>([["key", { deep: [1] }]])],
    ["a Set", new Set([1, "two"])],
    ["a sparse array", Object.assign(Array(3), { 1: "only" })],
    ["an error as a value", new RangeError("only data")],
    ["typed arrays", [new Float64Array([0.5]), new Int8Array([-1]), new BigUint64Array([3n])]],
    ["a DataView", new DataView(new Uint8Array([1, 2, 3]).buffer)],
    ["an ArrayBuffer", new Uint8Array([1, 2, 3]).buffer],
  ])("%s arrives there and comes back", async (_, value) => {
    expect(await shared().submit(echo, [value])).toStrictEqual(value);
  });

  test("an object that holds itself", async () => {
    const circle: { me?: unknown } = {};
    circle.me = circle;
    const back = await shared().submit(echo, [circle]);
    expect(back.me).toBe(back);
    expect(back).not.toBe(circle);
  });

  test("many megabytes", async () => {
    const bytes = Buffer.alloc(16_000_000, "abcdefgh");
    const [there, text] = await Promise.all([
      shared().submit(echo, [bytes]),
      shared().submit(echo, ["x".repeat(4_000_000)]),
    ]);
    expect(there.equals(bytes)).toBe(true);
    expect(text).toHaveLength(4_000_000);
  });

  test("arguments are counted as given", async () => {
    expect(await shared().submit(countArguments, [])).toBe(0);
    expect(await shared().submit(countArguments, [undefined, undefined])).toBe(2);
  });

  test("arguments are copies", async () => {
    const holder = { list: [1, 2] };
    expect(await shared().submit(mutate, [holder])).toBe(3);
    expect(holder.list).toEqual([1, 2]);
  });

  test("instances lose their class, both ways", async () => {
    expect(await shared().submit(isPoint, [new Point(3, 4)])).toBe(false);
    const point = await shared().submit(makePoint, []);
    expect(point).not.toBeInstanceOf(Point);
    expect(point).toEqual({ x: 3, y: 4 });
  });
});
