import { members, ownValue } from "#internal/travel/own-value";
import { describe, expect, test } from "vitest";

/** An object with one getter of this source; `touched` tells whether that was called. */
function holder(source: string): { object: object; touched: () => boolean } {
  let touched = false;
  const names = { a: { b: { c: 1 } }, from: { k: 2 }, key: "k", touch: () => (touched = true) };
  // oxlint-disable-next-line typescript/no-implied-eval
  const create = new Function(...Object.keys(names), `return ${source}`) as (...args: unknown[]) => object;
  return { object: create(...Object.values(names)), touched: () => touched };
}
const defined = (get: string): string => `Object.defineProperty({}, "x", { enumerable: true, get: ${get} })`;

describe("getters that compilers write are read", () => {
  test.each([
    ["esbuild", defined("() => a")],
    ["esbuild, copied", defined("() => from[key]")],
    ["tsc", defined("function () { return a.b; }")],
    ["tsc, copied", defined("function() { return from[key]; }")],
    ["babel", defined("function get() {\n    return a.b.c;\n  }")],
    ["webpack", defined("() => (/* binding */ a)")],
    ["webpack, passed on", defined("() => (/* reexport safe */ a.b)")],
    ["swc", "{ get x() { return a; } }"],
  ])("%s", (_title, source) => {
    expect(ownValue(holder(source).object, "x")).toBeDefined();
  });
});

describe("others are not", () => {
  test.each([
    ["a call", defined("() => touch()")],
    ["a call in a name", defined("() => a.b[touch()]")],
    ["two statements", defined("function () { touch(); return a; }")],
    ["an assignment", defined("() => a = touch()")],
    ["parameters", defined("(b = touch()) => a")],
    ["a comma", defined("() => (touch(), a)")],
    ["a comment that ends", defined("() => (/* binding */ touch(), /* a */ a)")],
    ["a template", defined("() => touch`a`")],
    ["async", defined("async () => a")],
    ["what is not there", defined("() => missing.y")],
  ])("%s", (_title, source) => {
    const { object, touched } = holder(source);
    expect(ownValue(object, "x")).toBeUndefined();
    expect(members(object)).toEqual([]);
    expect(touched()).toBe(false);
  });

  test("what throws", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(ownValue(proxy, "x")).toBeUndefined();
    expect(members(proxy)).toEqual([]);
  });
});
