import { transfer, transferListOf } from "#internal/wire/transfer";
import { describe, expect, test } from "vitest";

describe("transfer", () => {
  test("gives the value back as it was, and remembers the list", () => {
    const bytes = new Uint8Array(8);
    const value = { bytes };
    const list = [bytes.buffer];
    expect(transferListOf(value)).toBeUndefined();
    expect(transfer(value, list)).toBe(value);
    expect(transferListOf(value)).toEqual(list);
    expect(Object.keys(value)).toEqual(["bytes"]);
  });

  test("the latest list counts", () => {
    const value = {};
    const buffer = new ArrayBuffer(1);
    transfer(value, [new ArrayBuffer(2)]);
    transfer(value, [buffer]);
    expect(transferListOf(value)).toEqual([buffer]);
  });

  test.each([1, "text", null, undefined, true])("refuses %o as a value", (value) => {
    expect(() => transfer(value, [])).toThrow(TypeError);
  });

  test.each([undefined, null, new ArrayBuffer(1), {}])("refuses %o as a list", (list) => {
    expect(() => transfer({}, list as never)).toThrow(TypeError);
  });

  test.each([1, "text", null, undefined, Symbol("s")])("%s moves nothing", (value) => {
    expect(transferListOf(value)).toBeUndefined();
  });
});
