import type { ShutdownOptions } from "offloop";
import { expect, test } from "vitest";
import { triple } from "../fixtures/contract/values.mjs";
import { contract } from "./executors.ts";

type Complaint = typeof TypeError | typeof RangeError;

/** It throws at once, and names the option and, mostly, the value. */
function expectComplaint(act: () => unknown, complaint: Complaint, ...words: string[]): void {
  let thrown: unknown;
  try {
    act();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(complaint);
  for (const word of words) expect((thrown as Error).message).toContain(word);
}

contract("bad options of an executor", ({ make, name }) => {
  test.each<[Record<string, unknown>, Complaint, ...string[]]>([
    [{ maxWorkers: 0 }, RangeError, "maxWorkers", "at least 1", "got 0"],
    [{ maxWorkers: 1.5 }, RangeError, "maxWorkers", "whole number", "1.5"],
    [{ maxWorkers: NaN }, RangeError, "maxWorkers", "NaN"],
    [{ maxWorkers: Infinity }, RangeError, "maxWorkers", "Infinity"],
    [{ maxWorkers: "1" }, TypeError, "maxWorkers", "a number", "'1'"],
    [{ maxWorkers: null }, TypeError, "maxWorkers", "null"],
    [{ minWorkers: -1 }, RangeError, "minWorkers", "at least 0", "-1"],
    [{ minWorkers: 2, maxWorkers: 1 }, RangeError, "minWorkers", "at most maxWorkers", "1", "2"],
    [{ maxPending: -1 }, RangeError, "maxPending", "-1"],
    [{ maxPending: 0.5 }, RangeError, "maxPending", "0.5"],
    [{ idleTimeoutMs: -1 }, RangeError, "idleTimeoutMs", "milliseconds", "-1"],
    [{ startTimeoutMs: 0 }, RangeError, "startTimeoutMs", "greater than 0"],
    [{ timeoutMs: 0 }, RangeError, "timeoutMs", "greater than 0"],
    [{ timeoutMs: "1s" }, TypeError, "timeoutMs", "milliseconds", "'1s'"],
    [{ queueTimeoutMs: NaN }, RangeError, "queueTimeoutMs", "NaN"],
    [{ cancelGraceMs: -1 }, RangeError, "cancelGraceMs", "-1"],
    [{ nice: 20 }, RangeError, "nice", "at most 19", "20"],
    [{ name: "" }, TypeError, "name", "non-empty"],
    [{ initializer: "setUp" }, TypeError, "initializer", "function"],
    [{ initializerArgs: "a" }, TypeError, "initializerArgs", "array"],
    [{ finalizer: 1 }, TypeError, "finalizer", "function"],
    [{ env: "A=1" }, TypeError, "env", "object"],
    [{ execArgv: [1] }, TypeError, "execArgv", "array of strings"],
    [{ stacks: "yes" }, TypeError, "stacks", "true or false", "'yes'"],
    [{ maxTasksPerWorker: 0 }, RangeError, "maxTasksPerWorker", "at least 1", "got 0"],
    [{ maxWorkerAgeMs: 0 }, RangeError, "maxWorkerAgeMs", "greater than 0"],
    [{ maxWorkerMemoryBytes: 0 }, RangeError, "maxWorkerMemoryBytes", "at least 1", "got 0"],
    [{ maxWorkerMemoryBytes: "1GB" }, TypeError, "maxWorkerMemoryBytes", "'1GB'"],
    [{ stdio: "pipe" }, TypeError, "stdio", '"inherit"', "'pipe'"],
    [{ clock: 5 }, TypeError, "clock", "object"],
    [{ threads: 4 }, TypeError, "threads", "unknown"],
    [{ constructor: 4 }, TypeError, "constructor", "unknown"],
  ])("%j", (options, complaint, ...words) => {
    expectComplaint(() => make(options), complaint, name, ...words);
  });

  test("a context that nobody has registered", () => {
    expectComplaint(
      () => make({ context: ["nobody's"] }),
      TypeError,
      name,
      "context",
      "nobody's",
      "registerContext",
    );
  });

  test("undefined means unset", () => {
    const unset = { minWorkers: undefined, timeoutMs: undefined, name: undefined, nice: undefined };
    expect(make(unset as object).statistics()).toMatchObject({ state: "running", maxWorkers: 1 });
  });
});

contract("bad calls", ({ shared }) => {
  test.each<[unknown, string]>([
    [undefined, "undefined"],
    ["triple", "string"],
    [{ call() {} }, "object"],
  ])("submit(%j)", (fn, type) => {
    expectComplaint(() => shared().submit(fn as never, []), TypeError, "fn", "function", type);
  });

  test("arguments that are no array", () => {
    expectComplaint(() => shared().submit(triple, 3 as never), TypeError, "args", "array", "number");
    expectComplaint(() => shared().submit(triple, undefined as never), TypeError, "args");
    expectComplaint(() => shared().submit(triple, "123" as never), TypeError, "args", "string");
  });

  test.each<[Record<string, unknown>, Complaint, ...string[]]>([
    [{ timeoutMs: -1 }, RangeError, "timeoutMs", "greater than 0", "-1"],
    [{ timeoutMs: "fast" }, TypeError, "timeoutMs", "'fast'"],
    [{ queueTimeoutMs: 0 }, RangeError, "queueTimeoutMs"],
    [{ cancelGraceMs: NaN }, RangeError, "cancelGraceMs"],
    [{ signal: {} }, TypeError, "signal", "AbortSignal"],
    [{ signal: new AbortController() }, TypeError, "signal", "AbortSignal"],
    [{ onCancel: "kill" }, TypeError, "onCancel", '"terminate" or "abandon"', "'kill'"],
    [{ name: "" }, TypeError, "name"],
    [{ travel: "boat" }, TypeError, "travel", "'boat'"],
    [{ timeout: 5 }, TypeError, "timeout", "unknown"],
    [{ priority: NaN }, RangeError, "priority", "finite", "NaN"],
    [{ priority: Infinity }, RangeError, "priority", "finite", "Infinity"],
    [{ priority: "high" }, TypeError, "priority", "a number", "'high'"],
    [{ key: NaN }, RangeError, "key", "NaN"],
    [{ key: {} }, TypeError, "key", "a string or a number"],
    [{ key: null }, TypeError, "key", "null"],
    [{ retry: 2 }, TypeError, "retry", "2"],
    [{ retry: { attempts: 0 } }, RangeError, "retry", "attempts", "at least 1"],
    [{ retry: { attempts: 2, on: ["error"] } }, TypeError, "retry", "crash"],
    [
      { retry: { attempts: 2, backoff: { initialMs: -1, maxMs: 1, factor: 2, jitter: 0 } } },
      RangeError,
      "initialMs",
    ],
    [
      { retry: { attempts: 2, backoff: { initialMs: 1, maxMs: 1, factor: 2, jitter: 2 } } },
      RangeError,
      "jitter",
    ],
    [{ retry: { attempts: 2, pause: 5 } }, TypeError, "pause"],
    [{ idempotent: 1 }, TypeError, "idempotent", "true or false"],
  ])("options %j", (options, complaint, ...words) => {
    expectComplaint(() => shared().submit(triple, [1], options), complaint, ...words);
  });

  test("options that are no object", () => {
    expectComplaint(() => shared().submit(triple, [1], null as never), TypeError, "options");
    expectComplaint(() => shared().submit(triple, [1], 5 as never), TypeError, "options", "5");
    expectComplaint(() => shared().submit(triple, [1], [] as never), TypeError, "options", "[]");
    expectComplaint(
      () => shared().submit(triple, [1], new Map([["timeoutMs", 5]]) as never),
      TypeError,
      "options",
    );
  });

  test("options that would not be seen", () => {
    class Inherited {
      get timeoutMs(): number {
        return 5;
      }
    }
    expectComplaint(() => shared().submit(triple, [1], new Inherited()), TypeError, "options");
    const above = Object.create({ timeoutMs: 5 }) as object;
    expectComplaint(() => shared().submit(triple, [1], above), TypeError, "options");
    expectComplaint(() => shared().submit(triple, [1], { [Symbol("hidden")]: 5 }), TypeError, "hidden");
    const nothing = Object.assign(Object.create(null) as object, { timeoutMs: 5_000 });
    expect(shared().submit(triple, [1], nothing).cancel()).toBe(true);
  });

  test("count as nothing and change nothing", async () => {
    const { submitted } = shared().statistics();
    expectComplaint(() => shared().submit(triple, [1], { timeoutMs: 0 }), RangeError);
    expect(shared().statistics().submitted).toBe(submitted);
    expect(await shared().submit(triple, [1])).toBe(3);
  });
});

contract("bad sizes and shutdowns", ({ shared, name }) => {
  test.each<[unknown, Complaint, ...string[]]>([
    [undefined, TypeError, "options"],
    [{ maxWorkers: 0 }, RangeError, "maxWorkers", "0"],
    [{ maxWorkers: "2" }, TypeError, "maxWorkers"],
    [{ minWorkers: 100, maxWorkers: 1 }, RangeError, "minWorkers", "100"],
    [{ minWorkers: 100 }, RangeError, "minWorkers", "100"],
    [{ workers: 2 }, TypeError, "workers", "unknown"],
  ])("resize(%j)", (size, complaint, ...words) => {
    expectComplaint(() => shared().resize(size as never), complaint, name, ...words);
    expect(shared().statistics().maxWorkers).toBe(1);
  });

  test.each<[unknown, Complaint, ...string[]]>([
    [{ timeoutMs: -1 }, RangeError, "timeoutMs", "-1"],
    [{ timeoutMs: "now" }, TypeError, "timeoutMs"],
    [{ cancelPending: "yes" }, TypeError, "cancelPending", "'yes'"],
    [{ force: true }, TypeError, "force", "unknown"],
    [null, TypeError, "options"],
  ])("shutdown(%j)", async (options, complaint, ...words) => {
    expectComplaint(() => shared().shutdown(options as ShutdownOptions), complaint, name, ...words);
    expect(shared().statistics().state).toBe("running");
    expect(await shared().submit(triple, [1])).toBe(3);
  });
});

contract(
  "options that only workers can have",
  ({ make }) => {
    test.each<[Record<string, unknown>, Complaint, string]>([
      [{ env: {} }, TypeError, "env"],
      [{ execArgv: [] }, TypeError, "execArgv"],
      [{ resourceLimits: {} }, TypeError, "resourceLimits"],
      [{ maxWorkerMemoryBytes: 2 ** 30 }, TypeError, "maxWorkerMemoryBytes"],
      [{ stdio: "ignore" }, TypeError, "stdio"],
      [{ nice: 5 }, RangeError, "nice"],
    ])("%o", (options, Complaint, name) => {
      expect(() => make(options)).toThrow(Complaint);
      expect(() => make(options)).toThrow(name);
    });
  },
  ({ apart }) => !apart,
);

contract("memory limits", ({ make, kind }) => {
  test.runIf(kind !== "inline").each<[unknown, Complaint, string]>([
    [5, TypeError, "an object"],
    [[], TypeError, "an object"],
    [{ heap: 5 }, TypeError, "maxOldGenerationSizeMb"],
    [{ maxOldGenerationSizeMb: 0 }, RangeError, "maxOldGenerationSizeMb"],
    [{ maxOldGenerationSizeMb: "5" }, TypeError, "maxOldGenerationSizeMb"],
  ])("%o", (resourceLimits, Complaint, name) => {
    expect(() => make({ resourceLimits } as never)).toThrow(Complaint);
    expect(() => make({ resourceLimits } as never)).toThrow(name);
  });

  test.runIf(kind === "process")("that a process cannot be given", () => {
    expect(() => make({ resourceLimits: { stackSizeMb: 4 } })).toThrow(TypeError);
    expect(() => make({ resourceLimits: { codeRangeSizeMb: 4 } })).toThrow(/codeRangeSizeMb/);
  });
});
