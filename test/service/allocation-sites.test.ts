import { AllocationSites } from "#internal/service/allocation-sites";
import type { AllocationNode } from "#internal/service/heap-samples";
import { expect, test } from "vitest";

const made = (name: string, ...allocations: [sizeBytes: number, count: number][]): AllocationNode => ({
  name,
  scriptName: "file:///app/main.js",
  lineNumber: 3,
  columnNumber: 7,
  allocations: allocations.map(([sizeBytes, count]) => ({ sizeBytes, count })),
  children: [],
});
const root = (...children: AllocationNode[]): AllocationNode => ({ ...made("(root)"), children });
const site = { file: "/app/main.js", line: 3, column: 7 };

test("sites have what they hold, and how much more that is than before", () => {
  const sites = new AllocationSites();
  expect(sites.next(root(made("cache", [100, 2], [50, 1]), made("leak", [10, 1])), 9)).toEqual([
    { function: "cache", ...site, liveBytes: 250, liveCount: 3, growthBytes: 250 },
    { function: "leak", ...site, liveBytes: 10, liveCount: 1, growthBytes: 10 },
  ]);
  expect(sites.next(root(made("cache", [100, 1]), made("leak", [10, 40])), 1)).toEqual([
    { function: "leak", ...site, liveBytes: 400, liveCount: 40, growthBytes: 390 },
  ]);
});

test("one function in several nodes is one site", () => {
  const nested = { ...made("leak", [10, 1]), children: [made("leak", [10, 2])] };
  expect(new AllocationSites().next(root(nested), 9)).toMatchObject([{ function: "leak", liveBytes: 30 }]);
});
