import { expect } from "vitest";
import { callMany, callThroughPool, callWrapped } from "../../fixtures/contract/nested.mjs";
import type { Row } from "../table.ts";

export const nested: readonly Row[] = [
  {
    row: 44,
    fault: "a pool inside a worker",
    async body({ make }) {
      const executor = make();
      for (const inner of ["thread", "process", "inline"] as const) {
        const { outer, inner: place, state, started } = await executor.submit(callThroughPool, [inner]);
        expect({ place, state, started }).toEqual({ place: outer, state: "fulfilled", started: 0 });
      }
      expect(await executor.submit(callMany, [1_000])).toBe(1_000);
    },
  },
  {
    row: 44,
    fault: "a task that calls its own pool, to any depth",
    async body({ make }) {
      const places = await make().submit(callWrapped, [50]);
      expect(places).toHaveLength(51);
      expect(new Set(places).size).toBe(1);
    },
  },
];
