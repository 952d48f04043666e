import { SerializationError, transfer } from "offloop";
import { expect } from "vitest";
import { depth } from "../../fixtures/contract/depth.mjs";
import { countArguments, echo, makeUncloneable } from "../../fixtures/contract/values.mjs";
import { rejection } from "../../contract/waits.ts";
import type { Row } from "../table.ts";

interface Links {
  next: Links | undefined;
}

function links(count: number): Links {
  let first: Links = { next: undefined };
  for (let n = 1; n < count; n++) first = { next: first };
  return first;
}

export const data: readonly Row[] = [
  {
    row: 4,
    fault: "an argument that cannot be copied",
    async body({ make }) {
      const executor = make();
      for (const argument of [{ method() {} }, Symbol("sign"), Promise.resolve(1), new WeakMap()]) {
        const error = await rejection(executor.submit(countArguments, [argument]));
        expect(error).toBeInstanceOf(SerializationError);
        expect(error).toMatchObject({ code: "ERR_OFFLOOP_SERIALIZATION", direction: "argument" });
      }
      // Its place is free: with one worker the next call would wait for ever.
      expect(await executor.submit(countArguments, [1, 2])).toBe(2);
      expect(executor.statistics()).toMatchObject({
        pending: 0,
        running: 0,
        workersStarted: 1,
        workersLost: 0,
      });
    },
  },
  {
    row: 5,
    fault: "a result that cannot be copied",
    async body({ make }) {
      const executor = make();
      for (const kind of ["function", "symbol", "nested", "map", "promise", "getter"] as const) {
        const error = await rejection(executor.submit(makeUncloneable, [kind]));
        expect(error).toBeInstanceOf(SerializationError);
        expect(error).toMatchObject({ direction: "result" });
      }
      expect(executor.statistics()).toMatchObject({ workersStarted: 1, workersLost: 0 });
    },
  },
  {
    row: 6,
    fault: "an argument that leaves and cannot be read on the other side",
    async body({ make, kind }) {
      // A process with less stack than this one reads less. A thread always has more.
      const executor = make(kind === "process" ? { execArgv: ["--stack-size=300"] } : {});
      const outcomes: unknown[] = [];
      for (const count of [100, 1_000, 2_000, 3_000, 5_000, 50_000]) {
        const outcome = await executor.submit(depth, [links(count)]).catch((error: unknown) => error);
        outcomes.push(outcome instanceof SerializationError ? outcome.direction : outcome === count);
      }
      expect(outcomes[0]).toBe(true);
      expect(new Set(outcomes)).toEqual(new Set([true, "argument"]));
      expect(executor.statistics().workersLost).toBe(0);
    },
  },
  {
    row: 7,
    fault: "a transfer list with memory that is gone",
    only: "thread",
    async body({ make }) {
      const executor = make();
      const bytes = new Uint8Array(1_000);
      structuredClone(bytes, { transfer: [bytes.buffer] });
      const error = await rejection(executor.submit(echo, [transfer(bytes, [bytes.buffer])]));
      expect(error).toBeInstanceOf(SerializationError);
      expect(error).toMatchObject({ direction: "argument" });
      expect(executor.statistics()).toMatchObject({ pending: 0, running: 0, workersLost: 0 });
    },
  },
];
