import { mostInFlight } from "#internal/pools/worker-setup";
import { expect, test } from "vitest";

test("OFFLOOP_FRAME is a number of calls, or left to each kind of executor", () => {
  expect([undefined, "", "1", "64", "256"].map((value) => mostInFlight(value))).toEqual([
    undefined,
    undefined,
    1,
    64,
    256,
  ]);
  for (const value of ["0", "257", "1.5", "-1", "many"]) {
    expect(() => mostInFlight(value)).toThrow(RangeError);
    expect(() => mostInFlight(value)).toThrow(value);
  }
});
