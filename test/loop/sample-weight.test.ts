import { sampleSpan, sampleWeight } from "#internal/loop/sample-weight";
import { expect, test } from "vitest";

interface Case {
  busyMs: number;
  last?: number;
  waitedMs: number;
  weightMs: number;
}

test.each<[string, Case]>([
  ["the first: since it was asked for", { busyMs: 120, waitedMs: 0.5, weightMs: 10 }],
  ["that a native call held up: the call's time", { busyMs: 120, waitedMs: 80, weightMs: 80 }],
  ["asked for before its turn began: the turn's time", { busyMs: 3, waitedMs: 150, weightMs: 3 }],
  ["another: since the one before", { busyMs: 120, last: 90, waitedMs: 20, weightMs: 30 }],
  ["right after the one before: something", { busyMs: 120, last: 120, waitedMs: 0.5, weightMs: 0.1 }],
])("a sample, %s", (_name, { busyMs, last, waitedMs, weightMs }) => {
  expect(sampleSpan(busyMs, last, waitedMs, 10)).toBe(weightMs);
});

test.each([
  { spanMs: 200, cpuWaitMs: 150, weightMs: 50 },
  { spanMs: 200, cpuWaitMs: 0, weightMs: 200 },
  { spanMs: 10, cpuWaitMs: 40, weightMs: 0.1 },
])("a sample of $spanMs ms with $cpuWaitMs ms without a CPU counts $weightMs ms", ({ weightMs, ...seen }) => {
  expect(sampleWeight(seen.spanMs, seen.cpuWaitMs)).toBeCloseTo(weightMs);
});
