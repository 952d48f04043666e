import { ActiveTime } from "#internal/core/utilization";
import { describe, expect, test } from "vitest";

describe("utilization", () => {
  test("is nothing at first", () => {
    expect(new ActiveTime(500).utilization(500, 1, [])).toBe(0);
    expect(new ActiveTime(0).utilization(1_000, 1, [])).toBe(0);
  });

  test("counts from the executor's birth while that is younger than the window", () => {
    const active = new ActiveTime(100_000);
    active.add(500, 101_000);
    expect(active.utilization(101_000, 1, [])).toBeCloseTo(0.5);
    expect(active.utilization(101_000, 2, [])).toBeCloseTo(0.25);
    expect(active.utilization(102_000, 1, [])).toBeCloseTo(0.25);
  });

  test("a worker that is always busy is at 1, at any moment", () => {
    const active = new ActiveTime(0);
    for (let now = 50; now <= 35_000; now += 50) {
      active.add(50, now);
      expect(active.utilization(now, 1, [])).toBeCloseTo(1, 1);
    }
    expect(active.utilization(35_000, 4, [])).toBeCloseTo(0.25);
    expect(active.utilization(35_500, 4, [])).toBeCloseTo(0.95 / 4);
  });

  test("forgets what is older than 10 seconds", () => {
    const active = new ActiveTime(0);
    active.add(1_000, 1_000);
    expect(active.utilization(10_000, 1, [])).toBeCloseTo(0.1);
    expect(active.utilization(10_500, 1, [])).toBeCloseTo(0.05);
    expect(active.utilization(11_000, 1, [])).toBeCloseTo(0);
    expect(active.utilization(60_000, 1, [])).toBe(0);
    active.add(2_000, 60_000);
    expect(active.utilization(60_000, 1, [])).toBeCloseTo(0.2);
  });

  test("of a task longer than the window, the last 10 seconds count", () => {
    const active = new ActiveTime(0);
    active.add(60_000, 60_000);
    expect(active.utilization(60_000, 1, [])).toBeCloseTo(1);
    expect(active.utilization(60_000, 4, [])).toBeCloseTo(0.25);
  });

  test("tasks that still run count, each at the most with the window", () => {
    const active = new ActiveTime(0);
    expect(active.utilization(2_000, 1, [1_000])).toBeCloseTo(0.5);
    expect(active.utilization(60_000, 4, [0])).toBeCloseTo(0.25);
    expect(active.utilization(60_000, 4, [0, 55_000])).toBeCloseTo(0.375);
  });

  test("is never above 1", () => {
    const active = new ActiveTime(0);
    for (const end of [1_000, 2_000, 3_000]) active.add(5_000, end);
    expect(active.utilization(3_000, 1, [0, 0])).toBe(1);
  });
});
