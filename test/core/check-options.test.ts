import { CALL_OPTION_CHECKS, checkCallOptions, NO_OPTIONS } from "#internal/core/call-options";
import { checkOptions } from "#internal/core/check-options";
import { completeOptions, EXECUTOR_OPTION_CHECKS } from "#internal/core/executor-options";
import { systemClock } from "#internal/core/clock";
import type { ExecutorOptions } from "#internal/core/executor";
import { describe, expect, test } from "vitest";

const checkExecutor = (options: object): void =>
  checkOptions(options as ExecutorOptions, EXECUTOR_OPTION_CHECKS, "Pool");
const checkCall = (options: object): void => checkOptions(options, CALL_OPTION_CHECKS, "submit");

function thrown(act: () => void): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not throw");
}

describe("a refused option is named, with its bound and the value", () => {
  test.each([
    [{ maxWorkers: 0 }, RangeError, ["Pool", '"maxWorkers"', "at least 1", "got 0"]],
    [{ maxWorkers: 1.5 }, RangeError, ['"maxWorkers"', "whole number", "at least 1", "got 1.5"]],
    [{ maxWorkers: Infinity }, RangeError, ['"maxWorkers"', "whole number", "got Infinity"]],
    [{ maxWorkers: "4" }, TypeError, ['"maxWorkers"', "a number", "got '4'"]],
    [{ minWorkers: -1 }, RangeError, ['"minWorkers"', "at least 0", "got -1"]],
    [{ maxPending: NaN }, RangeError, ['"maxPending"', "at least 0", "got NaN"]],
    [{ nice: 20 }, RangeError, ['"nice"', "at least 0 and at most 19", "got 20"]],
    [{ idleTimeoutMs: -5 }, RangeError, ['"idleTimeoutMs"', "at least 0 (milliseconds)", "got -5"]],
    [{ startTimeoutMs: 0 }, RangeError, ['"startTimeoutMs"', "greater than 0 (milliseconds)", "got 0"]],
    [{ startTimeoutMs: null }, TypeError, ['"startTimeoutMs"', "a number (milliseconds)", "got null"]],
    [{ name: "" }, TypeError, ['"name"', "a non-empty string", "got ''"]],
    [{ initializer: 1 }, TypeError, ['"initializer"', "a function", "got 1"]],
    [{ initializerArgs: "x" }, TypeError, ['"initializerArgs"', "an array", "got 'x'"]],
    [{ execArgv: ["--a", 1] }, TypeError, ['"execArgv"', "an array of strings"]],
    [{ env: null }, TypeError, ['"env"', "an object", "got null"]],
  ])("executor: %o", (options, type, parts) => {
    const error = thrown(() => checkExecutor(options));
    expect(error).toBeInstanceOf(type);
    for (const part of parts) expect(error.message).toContain(part);
  });

  test.each([[["db", 5]], [[]]])("executor: initializerArgs %o, which nobody gets", (initializerArgs) => {
    const make = (): unknown =>
      completeOptions({ initializerArgs }, "Pool", { name: "pool", maxWorkers: () => 1 });
    const error = thrown(make);
    expect(error).toBeInstanceOf(TypeError);
    for (const part of ["Pool", '"initializerArgs"', "needs an initializer", "got ["]) {
      expect(error.message).toContain(part);
    }
  });

  test.each([
    [{ timeoutMs: 0 }, RangeError, ["submit", '"timeoutMs"', "greater than 0", "got 0"]],
    [{ timeoutMs: 5n }, TypeError, ['"timeoutMs"', "a number", "got 5n"]],
    [{ queueTimeoutMs: NaN }, RangeError, ['"queueTimeoutMs"', "got NaN"]],
    [{ signal: {} }, TypeError, ['"signal"', "an AbortSignal"]],
    [{ onCancel: "kill" }, TypeError, ['"onCancel"', '"terminate" or "abandon"', "got 'kill'"]],
    [{ travel: "magic" }, TypeError, ['"travel"', '"auto"', "got 'magic'"]],
  ])("call: %o", (options, type, parts) => {
    const error = thrown(() => checkCall(options));
    expect(error).toBeInstanceOf(type);
    for (const part of parts) expect(error.message).toContain(part);
  });

  test("an unknown one, with those that exist", () => {
    const error = thrown(() => checkCall({ timeout: 5 }));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain('"timeout"');
    expect(error.message).toContain("timeoutMs");
  });

  test.each(["__proto__", "toString", "hasOwnProperty"])("an unknown one called %s", (name) => {
    const options = Object.defineProperty({}, name, { value: 1, enumerable: true });
    expect(thrown(() => checkCall(options)).message).toContain(`unknown option "${name}"`);
  });

  test.each([null, 5, "text", true])("options that are %s", (options) => {
    const error = thrown(() => checkCall(options as unknown as object));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain("options must be an object");
  });

  test("a large value is shown in short", () => {
    const error = thrown(() => checkExecutor({ maxWorkers: { deep: { deeper: "x".repeat(10_000) } } }));
    expect(error.message.length).toBeLessThan(200);
    expect(thrown(() => checkExecutor({ maxWorkers: "x".repeat(10_000) })).message.length).toBeLessThan(200);
  });
});

describe("options that pass", () => {
  test("undefined stands for not given", () => {
    expect(() =>
      checkCall({ timeoutMs: undefined, retry: undefined, priority: undefined, name: undefined }),
    ).not.toThrow();
  });

  test("durations and maxPending may be endless", () => {
    expect(() =>
      checkCall({ timeoutMs: Infinity, queueTimeoutMs: Infinity, cancelGraceMs: 0 }),
    ).not.toThrow();
    expect(() => checkExecutor({ maxPending: Infinity, idleTimeoutMs: Infinity })).not.toThrow();
  });
});

describe("call options", () => {
  test("none are one and the same object", () => {
    expect(checkCallOptions(undefined)).toBe(NO_OPTIONS);
    expect(Object.isFrozen(NO_OPTIONS)).toBe(true);
  });

  test("are copied, so a later change of the given object changes nothing", () => {
    const given = { timeoutMs: 5 };
    const checked = checkCallOptions(given);
    given.timeoutMs = -1;
    expect(checked).toEqual({ timeoutMs: 5 });
    expect(Object.isFrozen(checked)).toBe(true);
    expect(() => checkCallOptions(given)).toThrow(RangeError);
  });

  test("are checked once: what was checked comes back as it is", () => {
    let reads = 0;
    const given = Object.defineProperty({}, "timeoutMs", {
      enumerable: true,
      get: () => {
        reads++;
        return 5;
      },
    });
    const checked = checkCallOptions(given);
    const before = reads;
    expect(checkCallOptions(checked)).toBe(checked);
    expect(checkCallOptions(checked)).toBe(checked);
    expect(reads).toBe(before);
  });

  test("are named after whoever checks them", () => {
    expect(() => checkCallOptions({ timeoutMs: 0 }, "render.with")).toThrow(/render\.with/);
  });
});

describe("executor options", () => {
  const defaults = { name: "threads-1", maxWorkers: () => 4 };

  test("are completed with the defaults", () => {
    expect(completeOptions({}, "Pool", defaults)).toEqual({
      name: "threads-1",
      minWorkers: 0,
      maxWorkers: 4,
      maxPending: 100_000,
      idleTimeoutMs: 30_000,
      startTimeoutMs: 30_000,
      cancelGraceMs: 1_000,
      clock: systemClock,
    });
  });

  test("given ones win, undefined ones do not", () => {
    const options: object = { maxPending: 0, idleTimeoutMs: undefined, timeoutMs: undefined };
    const complete = completeOptions(options, "Pool", defaults);
    expect(complete).toMatchObject({ maxPending: 0, idleTimeoutMs: 30_000 });
    expect("timeoutMs" in complete).toBe(false);
  });

  test("more minWorkers than there are CPUs raise the default of maxWorkers", () => {
    expect(completeOptions({ minWorkers: 9 }, "Pool", defaults).maxWorkers).toBe(9);
  });

  test("the default of maxWorkers is not asked for when it is not needed", () => {
    const maxWorkers = (): number => expect.unreachable();
    expect(completeOptions({ maxWorkers: 2 }, "Pool", { name: "x", maxWorkers }).maxWorkers).toBe(2);
  });
});
