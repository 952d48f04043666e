import { causeOf, type Probes, type StallSignals } from "#internal/loop/cause";
import { describe, expect, test } from "vitest";

const signals: StallSignals = {
  durationMs: 400,
  cpuMs: 390,
  cpuWaitMs: 5,
  gcMs: 0,
  watchdogLateMs: 0,
  isSampled: true,
  live: [],
  heldMs: 0,
  hasDebugger: false,
  isInNativeCall: false,
};

function samples(count: number, probes: (n: number) => Partial<Probes> = () => ({})): Probes[] {
  return Array.from({ length: count }, (_, n) => ({
    busyMs: 60 + (330 * n) / count,
    microtasks: 0,
    ticks: 0,
    isInTicks: false,
    ...probes(n),
  }));
}

describe("the cause of a stall", () => {
  test.each<[string, Partial<StallSignals>]>([
    ["sync-js", { live: samples(20) }],
    ["native-cpu", {}],
    ["native-cpu", { live: samples(2), heldMs: 300 }],
    ["native-wait", { cpuMs: 3 }],
    ["native-wait", { cpuMs: 3, live: samples(20) }],
    ["native-wait", { cpuMs: 3, isSampled: false }],
    ["gc", { gcMs: 250, live: samples(20) }],
    ["sync-js", { cpuMs: 200, cpuWaitMs: 150, gcMs: 220, live: samples(20) }],
    ["microtask-starvation", { live: samples(20, (n) => ({ microtasks: n, isInTicks: true })) }],
    ["nexttick-starvation", { live: samples(20, () => ({ ticks: 1, isInTicks: true })) }],
    ["callback-flood", { live: samples(20, (n) => ({ microtasks: n, ticks: 1 })) }],
    ["sync-js", { live: samples(9, (n) => ({ busyMs: 55 + 2 * n, microtasks: n, ticks: 1 })) }],
    [
      "sync-js",
      { live: samples(2, (n) => ({ busyMs: 60 + 320 * n, microtasks: n, ticks: n })), heldMs: 190 },
    ],
    ["cpu-starved", { cpuMs: 100, cpuWaitMs: 290, live: samples(9) }],
    ["cpu-starved", { cpuMs: 100, cpuWaitMs: 290, live: samples(9), hasDebugger: true }],
    ["cpu-starved", { cpuMs: 100, cpuWaitMs: 200, watchdogLateMs: 300, live: samples(2) }],
    ["cpu-starved", { cpuMs: 100, cpuWaitMs: 290, gcMs: 250, live: samples(9) }],
    ["cpu-starved", { cpuMs: 40, cpuWaitMs: 200, heldMs: 170 }],
    ["cpu-starved", { cpuMs: 40, cpuWaitMs: 200, hasDebugger: true }],
    ["unknown", { cpuMs: 100, cpuWaitMs: 150 }],
    ["suspended", { cpuMs: 1, watchdogLateMs: 390 }],
    ["debugger", { cpuMs: 4, live: samples(20), hasDebugger: true }],
    ["sync-js", { cpuMs: 100, cpuWaitMs: 250, live: samples(20), hasDebugger: true }],
    ["debugger", { cpuMs: 4, heldMs: 390, hasDebugger: true }],
    ["native-wait", { cpuMs: 4, heldMs: 390, hasDebugger: true, isInNativeCall: true }],
    ["unknown", { isSampled: false }],
    ["unknown", { cpuMs: undefined, cpuWaitMs: undefined }],
    ["sync-js", { cpuMs: 100, cpuWaitMs: 200, live: samples(9) }],
    ["sync-js", { cpuMs: undefined, cpuWaitMs: undefined, live: samples(20) }],
  ])("%s (%#)", (cause, seen) => {
    expect(causeOf({ ...signals, ...seen })).toBe(cause);
  });

  test("a debugger that is attached and does not pause changes nothing", () => {
    expect(causeOf({ ...signals, live: samples(20), hasDebugger: true })).toBe("sync-js");
  });

  test("a chain of promises that ended just before the last sample is one", () => {
    const live = samples(8, (n) => ({ microtasks: n, ticks: n === 7 ? 1 : 0, isInTicks: true }));
    expect(causeOf({ ...signals, live })).toBe("microtask-starvation");
  });

  test("two long functions in one turn are no flood", () => {
    const live = samples(20, (n) => ({ microtasks: n < 10 ? 0 : 10, ticks: n < 10 ? 0 : 1 }));
    expect(causeOf({ ...signals, live })).toBe("sync-js");
  });
});
