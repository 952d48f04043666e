import { functionHandle } from "#internal/core/function-handle";
import { FrameRoom, isLow, Paces } from "#internal/dispatch/pace";
import { describe, expect, test } from "vitest";

const fn = functionHandle(() => {}, null);

function afterRuns(...runsMs: readonly number[]): Paces {
  const paces = new Paces();
  for (const runMs of runsMs) paces.ran(fn, runMs);
  return paces;
}

const times = (count: number, runMs: number): number[] => Array<number>(count).fill(runMs);

describe("how long a function is expected to run", () => {
  test("is not known before it has run", () => {
    expect(new Paces().expectedMs(fn)).toBe(Infinity);
  });

  test("is what it took, each function's own", () => {
    const paces = afterRuns(...times(5, 0.01));
    expect(paces.expectedMs(fn)).toBeCloseTo(0.01);
    expect(paces.expectedMs(functionHandle(() => {}, null))).toBe(Infinity);
  });

  test("rises with one slow run, and falls again within some thirty short ones", () => {
    const slow = afterRuns(...times(50, 0.001), 10_000);
    expect(slow.expectedMs(fn)).toBeCloseTo(1, 0);
    const again = afterRuns(...times(50, 0.001), 10_000, ...times(35, 0.001));
    expect(again.expectedMs(fn)).toBeLessThan(0.02);
  });

  test("follows a function that becomes slow", () => {
    expect(afterRuns(...times(50, 0.001), ...times(20, 5)).expectedMs(fn)).toBeGreaterThan(4);
  });
});

describe("a frame", () => {
  const sizeOf = (room: FrameRoom, expectedMs: number): number => {
    let size = 0;
    while (room.takes(expectedMs)) size++;
    return size;
  };
  const FREE = { inFlight: 0, expectedMs: 0 };

  test.each([
    ["a millisecond of work", [FREE, 256, 1_000], 0.01, 100],
    ["as many calls as a worker may have", [FREE, 256, 1_000], 0.0001, 256],
    ["what is left of that", [{ inFlight: 100, expectedMs: 0.5 }, 256, 1_000], 0.0001, 156],
    ["what is left of the millisecond", [{ inFlight: 10, expectedMs: 0.5 }, 256, 1_000], 0.0625, 8],
    ["one call that is slow", [FREE, 256, 1_000], 50, 1],
    ["one call of which nothing is known", [FREE, 256, 1_000], Infinity, 1],
    ["no call that is slow, behind others", [{ inFlight: 1, expectedMs: 0.1 }, 256, 1_000], 50, 0],
    ["a worker's share", [FREE, 256, 10], 0.0625, 10],
    ["more than its share, if that is not worth a message", [FREE, 256, 2], 0.001, 50],
  ] as [string, ConstructorParameters<typeof FrameRoom>, number, number][])(
    "takes %s",
    (_, room, expectedMs, size) => {
      // Sums of fractions: one more or less.
      expect(Math.abs(sizeOf(new FrameRoom(...room), expectedMs) - size)).toBeLessThanOrEqual(1);
    },
  );

  test("is sent to a worker that has done half of what it had", () => {
    expect(isLow({ inFlight: 129, expectedMs: 0.1 }, 256)).toBe(false);
    expect(isLow({ inFlight: 128, expectedMs: 0.1 }, 256)).toBe(true);
    expect(isLow({ inFlight: 10, expectedMs: 0.6 }, 256)).toBe(false);
    expect(isLow({ inFlight: 1, expectedMs: 0.6 }, 1)).toBe(false);
    expect(isLow({ inFlight: 0, expectedMs: 0 }, 1)).toBe(true);
  });
});
