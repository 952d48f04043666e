import { WorkerLostError } from "offloop";
import { expect } from "vitest";
import { fillHeap, growOneArray } from "../../fixtures/contract/hungry.mjs";
import { abort } from "../../fixtures/contract/exits.mjs";
import { rejection } from "../../contract/waits.ts";
import type { Row } from "../table.ts";

const resourceLimits = { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 6 };

export const memory: readonly Row[] = [
  {
    row: 16,
    fault: "the heap is full",
    timeoutMs: 60_000,
    async body({ make }) {
      const executor = make({ resourceLimits });
      const error = await rejection(executor.submit(fillHeap, []));
      expect(error).toBeInstanceOf(WorkerLostError);
      expect(error).toMatchObject({ oom: true, attempts: 1, phase: "running" });
      expect((error as Error).message).toContain("ran out of memory");
      expect(executor.statistics()).toMatchObject({ lost: 1, workersLost: 1 });
    },
  },
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
