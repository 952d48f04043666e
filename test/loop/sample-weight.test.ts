import { sampleWeight } from "#internal/loop/sample-weight";
import { expect, test } from "vitest";

test.each([
  ["the first: since it was asked for", 120, undefined, 0.5, 10, 10],
  ["that a native call held up: the call's time", 120, undefined, 80, 10, 80],
  ["asked for before its turn began: the turn's time", 3, undefined, 150, 10, 3],
  ["another: since the one before", 120, 90, 20, 10, 30],
  ["right after the one before: something", 120, 120, 0.5, 10, 0.1],
])("a sample, %s", (_name, busyMs, lastBusyMs, waitedMs, sampleMs, weightMs) => {
  expect(sampleWeight(busyMs, lastBusyMs, waitedMs, sampleMs)).toBe(weightMs);
});
