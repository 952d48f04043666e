import { WorkerLostError } from "offloop";
import { expect } from "vitest";
import { squareOrDie } from "../../fixtures/contract/maps.mjs";
import { all, untilError } from "../../contract/waits.ts";
import type { Row } from "../table.ts";

const DIES_AT = 60;
const squares = Array.from({ length: 100 }, (_, n) => n ** 2);

type Item = Parameters<typeof squareOrDie>[0];

const itemsOf = (fault: Omit<Item, "n">): Item[] =>
  squares.map((_, n) => ({ n, ...(n === DIES_AT && fault) }));

const deaths = [
  { dies: "exit", loss: { exitCode: 5, signal: null } },
  { dies: "kill", loss: { exitCode: null, signal: "SIGKILL" }, only: "process" },
] as const;

const rowsOf = ({ dies, loss, ...only }: (typeof deaths)[number]): readonly Row[] => [
  {
    row: "F1",
    fault: `an item of a map ends its worker (${dies})`,
    ...only,
    async body({ make }) {
      const executor = make({ maxWorkers: 2 });
      // Of what had ended a moment before the kill an answer may be lost.
      const mapped = executor.map(squareOrDie, itemsOf({ dies }), { idempotent: true });
      const [read, error] = await untilError(mapped);
      expect(read).toEqual(squares.slice(0, DIES_AT));
      expect(error).toBeInstanceOf(WorkerLostError);
      expect(error).toMatchObject({ ...loss, phase: "running" });
      await executor.idle();
      expect(executor.statistics()).toMatchObject({ lost: 1, pending: 0, running: 0 });
    },
  },
  {
    row: "F1",
    fault: `an item of a map that goes on ends its worker (${dies})`,
    ...only,
    async body({ make }) {
      const options = { errors: "collect", idempotent: true } as const;
      const outcomes = await all(make().map(squareOrDie, itemsOf({ dies }), options));
      expect(outcomes).toHaveLength(squares.length);
      for (const [n, outcome] of (outcomes as unknown as PromiseSettledResult<number>[]).entries()) {
        if (n === DIES_AT) expect(outcome).toMatchObject({ status: "rejected", reason: loss });
        else expect(outcome).toEqual({ status: "fulfilled", value: squares[n] });
      }
    },
  },
  {
    row: "F1",
    fault: `an item of a map ends its worker once, and is tried again (${dies})`,
    ...only,
    async body({ make, file }) {
      for (const chunkSize of ["auto", 7] as const) {
        const executor = make();
        const retry = { attempts: 2, backoff: { initialMs: 0, maxMs: 0, factor: 1, jitter: 0 } };
        const items = itemsOf({ dies, once: file() });
        const mapped = executor.map(squareOrDie, items, { retry, chunkSize, idempotent: true });
        expect(await all(mapped)).toEqual(squares);
        expect(executor.statistics()).toMatchObject({ retried: 1, lost: 1, workersLost: 1 });
      }
    },
  },
];

export const maps: readonly Row[] = deaths.flatMap(rowsOf);
