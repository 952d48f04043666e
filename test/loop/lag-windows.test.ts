import { LagWindows } from "#internal/loop/lag-windows";
import { describe, expect, test } from "vitest";

/** Turns of so many milliseconds, each after an idle pause, from 0 on. Gives the time of the last end. */
function record(lag: LagWindows, turns: readonly { idle: number; busy: number }[], from = 0): number {
  let now = from;
  for (const { idle, busy } of turns) {
    now += idle + busy;
    lag.record(now, busy);
  }
  return now;
}

describe("lag is what someone waits who comes at a random moment", () => {
  test("nothing while nothing happened", () => {
    expect(new LagWindows(0).window(1_000, 5_000)).toEqual({
      ms: 1_000,
      lag: { p50: 0, p90: 0, p99: 0, max: 0, mean: 0 },
      utilization: 0,
      turns: 0,
    });
  });

  test("a stall of 400 ms in 2 s", () => {
    const lag = new LagWindows(0);
    const now = record(lag, [
      { idle: 1_000, busy: 400 },
      { idle: 600, busy: 0 },
    ]);
    const { lag: waits, utilization, turns } = lag.window(10_000, now);
    // A fifth of the time is within the stall. p99: 20 of 2 000 ms wait longer, the first 20 ms of it.
    expect(waits.p50).toBe(0);
    expect(waits.p90).toBeCloseTo(200, 6);
    expect(waits.p99).toBeCloseTo(380, 6);
    expect(waits.max).toBe(400);
    expect(waits.mean).toBeCloseTo((400 * 200) / 2_000, 6);
    expect(utilization).toBeCloseTo(0.2, 6);
    expect(turns).toBe(2);
  });

  test("small turns do not hide it, however many", () => {
    const lag = new LagWindows(0);
    const small = Array.from({ length: 2_000 }, () => ({ idle: 0.9, busy: 0.1 }));
    const now = record(lag, [...small, { idle: 0, busy: 500 }]);
    expect(lag.window(10_000, now).lag.p99).toBeCloseTo(475, 0);
  });

  test("agrees with waits that are counted one by one", () => {
    const lag = new LagWindows(0);
    const turns = Array.from({ length: 400 }, (_, n) => ({
      idle: (n * 7) % 11,
      busy: 0.05 + ((n * 13) % 97) / 3,
    }));
    const now = record(lag, turns);
    const waits: number[] = [];
    for (const { idle, busy } of turns) {
      for (let at = 0; at < idle; at += 0.01) waits.push(0);
      for (let at = 0; at < busy; at += 0.01) waits.push(busy - at);
    }
    waits.sort((a, b) => a - b);
    const { lag: found } = lag.window(60_000, now);
    for (const [name, p] of [
      ["p50", 0.5],
      ["p90", 0.9],
      ["p99", 0.99],
    ] as const) {
      const truth = waits[Math.floor(waits.length * p)]!;
      expect(Math.abs(found[name] - truth)).toBeLessThan(truth * 0.05);
    }
  });
});

describe("windows slide", () => {
  test("what is older than a window is no part of it", () => {
    const lag = new LagWindows(0);
    const now = record(lag, [{ idle: 0, busy: 300 }]);
    expect(lag.window(1_000, now + 1_000).lag.max).toBe(0);
    expect(lag.window(10_000, now + 5_000).lag.max).toBe(300);
    expect(lag.window(60_000, now + 61_000).lag.max).toBe(0);
  });

  test("of a turn that is longer than the window, the part within it counts", () => {
    const lag = new LagWindows(0);
    const now = record(lag, [{ idle: 0, busy: 5_000 }]);
    const { lag: waits, utilization } = lag.window(1_000, now);
    expect(utilization).toBe(1);
    expect(waits.max).toBeGreaterThanOrEqual(900);
    expect(waits.max).toBeLessThanOrEqual(1_000);
    expect(lag.window(10_000, now).lag.max).toBe(5_000);
  });

  test("a turn of hours is no trouble", () => {
    const lag = new LagWindows(0);
    const now = record(lag, [{ idle: 0, busy: 36_000_000 }]);
    expect(lag.window(60_000, now).utilization).toBe(1);
  });

  test("the turn that runs is known to take at least as long as it has", () => {
    const lag = new LagWindows(0);
    expect(lag.window(1_000, 2_000, 250).lag.p99).toBeGreaterThan(230);
  });

  test("what was before the birth is not idle time", () => {
    const lag = new LagWindows(1_000);
    const now = record(lag, [{ idle: 0, busy: 100 }], 1_000);
    expect(lag.window(10_000, now).utilization).toBe(1);
  });

  test("another thread reads the same", () => {
    const lag = new LagWindows(0);
    const now = record(lag, [{ idle: 100, busy: 300 }]);
    expect(new LagWindows(0, lag.buffer).window(1_000, now)).toEqual(lag.window(1_000, now));
  });
});
