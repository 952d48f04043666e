import { isRetriedOn, retry, retryDelayMs } from "#internal/core/retry";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

describe("the pause before a further run", () => {
  test("grows to its bound, and jitter only takes away", () => {
    const backoff = { initialMs: 100, maxMs: 1_000, factor: 3, jitter: 0.5 };
    const delays = (random: number): number[] =>
      [1, 2, 3, 4].map((runs) => retryDelayMs({ attempts: 9, backoff }, runs, random));
    expect(delays(0)).toEqual([100, 300, 900, 1_000]);
    expect(delays(1)).toEqual([50, 150, 450, 500]);
  });

  test("has a default", () => {
    const delays = [1, 2, 3, 20].map((runs) => retryDelayMs({ attempts: 99 }, runs, 0));
    expect(delays).toEqual([100, 200, 400, 10_000]);
  });

  test("is finite, whatever the number of runs", () => {
    expect(retryDelayMs({ attempts: 1e9 }, 5_000, 0.5)).toBe(7_500);
  });
});

describe("the pause, whatever the backoff", () => {
  const part = fc.double({ min: 0, max: 1, noNaN: true });
  const backoff = fc.record({
    initialMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
    maxMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
    factor: fc.double({ min: 1, max: 100, noNaN: true }),
    jitter: part,
  });

  test("is never negative, never above its bound, and jitter takes its part at the most", () => {
    fc.assert(
      fc.property(backoff, fc.integer({ min: 1, max: 1_000 }), part, (given, runs, random) => {
        const options = { attempts: 2_000, backoff: given };
        const [full, pause] = [retryDelayMs(options, runs, 0), retryDelayMs(options, runs, random)];
        expect(full).toBeLessThanOrEqual(given.maxMs);
        expect(pause).toBeGreaterThanOrEqual(0);
        expect(pause).toBeLessThanOrEqual(full);
        expect(pause).toBeGreaterThanOrEqual(full * (1 - given.jitter) - full * 1e-9);
      }),
    );
  });

  test("does not get shorter from one run to the next", () => {
    fc.assert(
      fc.property(backoff, fc.integer({ min: 1, max: 500 }), (given, runs) => {
        const options = { attempts: 2_000, backoff: given };
        expect(retryDelayMs(options, runs + 1, 0)).toBeGreaterThanOrEqual(retryDelayMs(options, runs, 0));
      }),
    );
  });
});

describe("which failures are retried", () => {
  const error = new RangeError("why");
  test.each([
    [undefined, ["crash"]],
    ["crash", ["crash"]],
    [["timeout"], ["timeout"]],
    [
      ["crash", "timeout"],
      ["crash", "timeout"],
    ],
    [[(e: unknown) => e === error], ["crash", "timeout", "thrown"]],
    [[() => false, "timeout"], ["timeout"]],
    [[], []],
  ] as const)("%o", (on, kinds) => {
    const options = { attempts: 2, ...(on !== undefined && { on: on as never }) };
    const all = ["crash", "timeout", "thrown"] as const;
    expect(all.filter((kind) => isRetriedOn(options, kind, error))).toEqual(kinds);
  });
});

describe("what is no retry option", () => {
  const backoff = { initialMs: 1, maxMs: 1, factor: 1, jitter: 0 };
  test.each<[unknown, string, string]>([
    [5, "type", "an object"],
    [[], "type", "an object"],
    [{}, "type", "attempts"],
    [{ attempts: 0 }, "range", "at least 1"],
    [{ attempts: 1.5 }, "range", "whole"],
    [{ attempts: NaN }, "range", "whole"],
    [{ attempts: 2, times: 2 }, "type", "times"],
    [{ attempts: 2, on: "timeout" }, "type", "list"],
    [{ attempts: 2, on: ["error"] }, "type", "list"],
    [{ attempts: 2, backoff: 5 }, "type", "backoff"],
    [{ attempts: 2, backoff: { initialMs: 1 } }, "type", "backoff.maxMs"],
    [{ attempts: 2, backoff: { ...backoff, factor: 0.5 } }, "range", "backoff.factor"],
    [{ attempts: 2, backoff: { ...backoff, jitter: 2 } }, "range", "from 0 to 1"],
    [{ attempts: 2, backoff: { ...backoff, maxMs: NaN } }, "range", "backoff.maxMs"],
    [{ attempts: 2, backoff: { ...backoff, extra: 1 } }, "type", "backoff"],
    [
      { attempts: 2, backoff: { ...backoff, initialMs: 500, maxMs: 100 } },
      "range",
      "backoff.maxMs is at least its initialMs, 500 (milliseconds), and not 100",
    ],
  ])("%o", (value, kind, word) => {
    expect(retry(value)).toMatchObject({ kind, expected: expect.stringContaining(word) as string });
  });

  test("and what is one", () => {
    expect(retry({ attempts: 1 })).toBeUndefined();
    expect(retry({ attempts: 3, on: ["crash", "timeout", () => true], backoff })).toBeUndefined();
  });
});
