import { gzipSync } from "node:zlib";
import { explainTravel, threaded, type TravelExplanation } from "offloop";
import { describe, expect, test } from "vitest";
import * as exported from "../fixtures/travel/exported.mjs";
import { makers, refused } from "../fixtures/travel/closures.mjs";

type Fn = (...args: never[]) => unknown;

describe("explainTravel", () => {
  test("a function of Node", () => {
    expect(explainTravel(gzipSync)).toMatchObject({ way: "builtin", captured: [], bytes: 0 });
    expect(explainTravel(gzipSync).reason).toContain("node:zlib.gzipSync");
  });

  test("an exported function", () => {
    const fn = Object.values(exported).find((value) => typeof value === "function") as Fn;
    const { way, module, reason } = explainTravel(fn);
    expect(way).toBe("exported");
    expect(module).toMatch(/^file:.*exported\.mjs$/);
    expect(reason).toContain(module);
  });

  test("a closure: what it captures, with sizes", () => {
    const rows = Array.from({ length: 100 }, (_, n) => n);
    const limit = 50;
    const isHigh = (row: number): boolean => row > limit;
    const explained: TravelExplanation = explainTravel(() => rows.filter(isHigh));
    expect(explained.way).toBe("value");
    const captured = Object.fromEntries(explained.captured.map(({ path, what }) => [path, what]));
    expect(captured).toEqual({
      "the anonymous function → rows": "an Array",
      "the anonymous function → isHigh": "the function isHigh",
      "the anonymous function → isHigh → limit": "a number",
    });
    expect(explained.bytes).toBeGreaterThan(800);
    expect(explained.reason).toMatch(/^Not by reference: /);
  });

  test("a wrapped closure is the closure", () => {
    const limit = 3;
    const inner = (x: number): number => x + limit;
    expect(explainTravel(threaded(inner))).toEqual(explainTravel(inner));
  });

  test("warnings are told, not sent", () => {
    const seen: number[] = [];
    let last = 0;
    const remember = (x: number): number => seen.push((last = x));
    const { warnings } = explainTravel(remember);
    expect(warnings).toHaveLength(2);
    expect(warnings.join()).toMatch(/changes seen .*assigns to .*last/s);
    expect(last).toBe(0);
  });

  test.each(Object.entries(refused))("a refusal: %s", (_, make) => {
    const [fn, kind, path] = make() as [Fn, string, string];
    const { way, error, reason } = explainTravel(fn);
    expect(way).toBe("none");
    expect(error?.kind).toBe(kind);
    expect(error?.path).toContain(path);
    expect(reason).toBe(error?.message);
  });

  test.each(Object.entries(makers))("a way: %s", (_, make) => {
    const [fn] = make() as [Fn];
    expect(explainTravel(fn).way).not.toBe("none");
  });

  test.each([undefined, null, "text", {}])("not a function: %o", (value) => {
    expect(() => explainTravel(value as Fn)).toThrow(TypeError);
  });
});
