import { WorkerLostError } from "offloop";
import { expect } from "vitest";
import { fillHeap, fillHeapWithArrays, growOneArray } from "../../fixtures/contract/hungry.mjs";
import { abort } from "../../fixtures/contract/exits.mjs";
import { rejection } from "../../contract/waits.ts";
import type { Row, Where } from "../table.ts";

const resourceLimits = { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 6 };

// V8 13.6 compiles this loop so that nothing can end it, neither the limit nor `terminate()` (docs/reliability.md).
const isEndless = Number(process.versions.v8.split(".")[0]) >= 13;

const full = (fault: string, fill: () => void, only?: Where): Row => ({
  row: 16,
  fault,
  ...(only !== undefined && { only }),
  timeoutMs: 60_000,
  async body({ make }) {
    const executor = make({ resourceLimits });
    const error = await rejection(executor.submit(fill, []));
    expect(error).toBeInstanceOf(WorkerLostError);
    expect(error).toMatchObject({ oom: true, attempts: 1, phase: "running" });
    expect((error as Error).message).toContain("ran out of memory");
    expect(executor.statistics()).toMatchObject({ lost: 1, workersLost: 1 });
  },
});

export const memory: readonly Row[] = [
  full("the heap is full", fillHeap),
  full("the heap is full of arrays", fillHeapWithArrays, isEndless ? "process" : undefined),
  {
    row: 16,
    fault: "process.abort() is not mistaken for a full heap",
    only: "process",
    async body({ make }) {
      expect(await rejection(make({ resourceLimits }).submit(abort, []))).toMatchObject({
        signal: "SIGABRT",
        oom: false,
      });
    },
  },
  {
    row: 17,
    fault: "one array grows until nothing can hold it",
    only: "process",
    timeoutMs: 60_000,
    async body({ make }) {
      const error = await rejection(make({ resourceLimits }).submit(growOneArray, []));
      expect(error).toBeInstanceOf(WorkerLostError);
      expect(error).toMatchObject({ signal: "SIGABRT", oom: true });
    },
  },
];
