/** No option is taken as it comes: what none of them can be is refused by each, by its name. */
import { CALL_OPTION_CHECKS, checkCallOptions } from "#internal/core/call-options";
import { completeOptions, EXECUTOR_OPTION_CHECKS } from "#internal/core/executor-options";
import { describe, expect, test } from "vitest";

const defaults = { name: "pool", maxWorkers: () => 1 };
const nothing = Symbol("nothing that an option can be");

describe("an executor's option", () => {
  test.each(Object.keys(EXECUTOR_OPTION_CHECKS))("%s", (option) => {
    const make = (): unknown => completeOptions({ [option]: nothing }, "Pool", defaults);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(new RegExp(`Pool.*"${option}"`));
  });
});

describe("a call's option", () => {
  test.each(Object.keys(CALL_OPTION_CHECKS))("%s", (option) => {
    const call = (): unknown => checkCallOptions({ [option]: nothing }, "submit");
    expect(call).toThrow(TypeError);
    expect(call).toThrow(new RegExp(`submit.*"${option}"`));
  });
});
