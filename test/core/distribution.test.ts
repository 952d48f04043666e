import { Durations } from "#internal/core/distribution";
import { describe, expect, test } from "vitest";

describe("distribution", () => {
  test("is all zero, and frozen, before the first record", () => {
    const none = new Durations().snapshot();
    expect(none).toEqual({ count: 0, min: 0, max: 0, mean: 0, p50: 0, p90: 0, p99: 0 });
    expect(Object.isFrozen(none)).toBe(true);
  });

  test("is within 1 % of the values, in milliseconds", () => {
    const durations = new Durations();
    for (let ms = 1; ms <= 1_000; ms++) durations.record(ms);
    const { count, min, max, mean, p50, p90, p99 } = durations.snapshot();
    expect(count).toBe(1_000);
    for (const [value, expected] of [
      [min, 1],
      [max, 1_000],
      [mean, 500.5],
      [p50, 500],
      [p90, 900],
      [p99, 990],
    ] as const) {
      expect(Math.abs(value / expected - 1)).toBeLessThan(0.01);
    }
    expect(Object.isFrozen(durations.snapshot())).toBe(true);
  });

  test("takes what is below a microsecond or above an hour", () => {
    const durations = new Durations();
    durations.record(0);
    durations.record(1e-9);
    durations.record(1e12);
    const { count, min, max } = durations.snapshot();
    expect(count).toBe(3);
    expect(min).toBe(0.001);
    expect(max / 3_600_000).toBeGreaterThan(0.99);
    expect(max / 3_600_000).toBeLessThan(1.01);
  });

  test("a snapshot does not follow later records", () => {
    const durations = new Durations();
    durations.record(5);
    const before = durations.snapshot();
    durations.record(5);
    expect(before.count).toBe(1);
    expect(durations.snapshot().count).toBe(2);
  });
});
