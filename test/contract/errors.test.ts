import { readFileSync } from "node:fs";
import { isOffloopError, SerializationError } from "offloop";
import { expect, test } from "vitest";
import legacy from "../fixtures/contract/throws.cjs";
import {
  failAnonymous,
  failByAbort,
  failHidden,
  failInCircle,
  failLater,
  failRichly,
  failTogether,
  parse,
  ParseError,
  rejectUnusual,
  throwUnusual,
} from "../fixtures/contract/throws.mjs";
import { triple } from "../fixtures/contract/values.mjs";
import { contract } from "./executors.ts";
import { rejection } from "./waits.ts";

contract("errors of the function", ({ shared }) => {
  test("with code, own fields and a chain of causes", async () => {
    const error = await rejection(shared().submit(failRichly, []));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ name: "TypeError", message: "bad input", code: "E_INPUT" });
    expect(error).toMatchObject({ details: { list: [1, 2], at: new Date(5) } });
    const { cause } = error as TypeError;
    expect(cause).toBeInstanceOf(RangeError);
    expect(cause).toMatchObject({ message: "out of range", cause: "a string at the bottom" });
    expect(Object.keys(error as object)).toEqual(["code", "details"]);
    expect(isOffloopError(error)).toBe(false);
  });

  test("of an async function", async () => {
    expect(await rejection(shared().submit(failLater, []))).toBeInstanceOf(SyntaxError);
  });

  test("with the worker's stack, joined to where it ran", async () => {
    const { stack } = (await rejection(shared().submit(failRichly, []))) as Error;
    expect(stack).toContain("TypeError: bad input");
    expect(stack).toContain("failRichly");
    expect(stack).toContain("throws.mjs");
    expect(stack).toContain(`offloop (worker`);
    expect(stack).toContain(shared().name);
  });

  test("several in one", async () => {
    const error = (await rejection(shared().submit(failTogether, []))) as AggregateError;
    expect(error).toBeInstanceOf(AggregateError);
    const [one, two, three] = error.errors as unknown[];
    expect(one).toBeInstanceOf(TypeError);
    expect(two).toBe("two");
    expect(three).toBeInstanceOf(ParseError);
    expect(three).toMatchObject({ message: "three", line: 3 });
  });

  test("of a class that the module exports", async () => {
    const error = (await rejection(shared().submit(parse, [12]))) as ParseError;
    expect(error).toBeInstanceOf(ParseError);
    expect(error).toMatchObject({ name: "ParseError", line: 12 });
    expect(error.where()).toBe("line 12");
  });

  test("of a class that a CommonJS module exports", async () => {
    const error = await rejection(shared().submit(legacy.failLegacy, []));
    expect(error).toBeInstanceOf(legacy.LegacyError);
    expect(error).toMatchObject({ message: "from CommonJS", status: 418 });
  });

  test("of a class that nobody exports keep name and fields, and are errors", async () => {
    const error = await rejection(shared().submit(failHidden, []));
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ message: "not exported", hint: "try less" });
    expect(await rejection(shared().submit(failAnonymous, []))).toMatchObject({ message: "no name" });
  });

  test("of the platform", async () => {
    const abort = await rejection(shared().submit(failByAbort, []));
    expect(abort).toBeInstanceOf(DOMException);
    expect(abort).toMatchObject({ name: "AbortError" });
    const missing = await rejection(shared().submit(readFileSync, ["/no/such/file"]));
    expect(missing).toMatchObject({ code: "ENOENT", syscall: "open", path: "/no/such/file" });
  });

  test("whose causes go in a circle", async () => {
    expect(await rejection(shared().submit(failInCircle, []))).toMatchObject({ message: "round" });
  });
});

contract("whatever is thrown", ({ shared }) => {
  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["string", "just text"],
    ["number", 7],
    ["bigint", 9n],
    ["object", { reason: "plain" }],
  ])("%s comes back as it is", async (kind, value) => {
    expect(await rejection(shared().submit(throwUnusual, [kind]))).toEqual(value);
    expect(await rejection(shared().submit(rejectUnusual, [kind]))).toEqual(value);
  });

  test.each(["symbol", "function", "proxy", "revoked"])("a %s is described", async (kind) => {
    for (const fn of [throwUnusual, rejectUnusual]) {
      const error = await rejection(shared().submit(fn, [kind]));
      expect(error).toBeInstanceOf(SerializationError);
      expect(error).toMatchObject({ code: "ERR_OFFLOOP_SERIALIZATION", direction: "error" });
    }
  });

  test.each<[string, object]>([
    ["proxyOfError", { message: "behind a proxy" }],
    ["frozen", { message: "frozen" }],
    ["getter", { message: "with a getter", trouble: "[a getter that throws]" }],
    ["messageGetter", { name: "TypeError" }],
    ["uncloneable", { message: "with a function", code: "E_FN", retry: "[the function retry]" }],
    ["deep", { message: "deep field", value: "[an Array]" }],
    ["noStack", { message: "no stack" }],
  ])("an error of the kind %s keeps what can be kept", async (kind, fields) => {
    const error = await rejection(shared().submit(throwUnusual, [kind]));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject(fields);
  });

  test("an object without a prototype", async () => {
    expect(await rejection(shared().submit(throwUnusual, ["noPrototype"]))).toEqual({});
  });

  test("the worker goes on", async () => {
    await rejection(shared().submit(throwUnusual, ["revoked"]));
    expect(await shared().submit(triple, [2])).toBe(6);
    expect(shared().statistics()).toMatchObject({ workersStarted: 1, workersLost: 0 });
  });
});
