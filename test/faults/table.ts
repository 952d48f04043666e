/**
 * The table of faults: what every executor must survive. A row is one fault; the suite runs each row on each executor that it
 * is for.
 *
 * Of every row holds: its tasks settle, once, with the class that it names; its executors work afterwards; nothing is left of
 * them (./resources.ts). Vitest fails a run in which an error or a rejection had nobody to catch it.
 */
import type { Executor } from "offloop";
import { describe, expect, onTestFinished, test } from "vitest";
import { triple } from "../fixtures/contract/values.mjs";
import { apart, type Bench, contract, type Kind } from "../contract/executors.ts";
import { endPrograms } from "../program.ts";
import { expectNothingOpen, openNow, warmUp } from "./resources.ts";

export type Where = "thread" | "process";

export interface Row {
  /**
   * Its number in the table. A fault with several cases has several rows of one number. Those with a letter are of what few others have:
   * M calls back to main, F maps, A actors, P progress.
   */
  readonly row: number | `${"M" | "F" | "A" | "P"}${number}`;
  readonly fault: string;
  /** Both unless set. */
  readonly only?: Where;
  readonly timeoutMs?: number;
  readonly body: (bench: Bench) => Promise<void>;
}

/** Runs the rows that are for one kind of executor. */
export function runRows(rows: readonly Row[], where: Where): void {
  const isOne = (kind: Kind): boolean => apart(kind) && kind.kind === where;
  contract("faults", (bench) => describe("", () => rows.forEach((row) => runRow(row, where, bench))), isOne);
}

function runRow({ row, fault, only, timeoutMs, body }: Row, where: Where, bench: Bench): void {
  if (only !== undefined && only !== where) return;
  test(`${row}. ${fault}`, { timeout: timeoutMs ?? 60_000 }, async () => {
    await warmUp();
    onTestFinished(endPrograms);
    const before = openNow();
    const made: Executor[] = [];
    const make: Bench["make"] = (options) => {
      const executor = bench.make(options);
      made.push(executor);
      return executor;
    };
    await body({ ...bench, make });
    for (const executor of made) await expectToWork(executor);
    for (const executor of made) await executor.shutdown({ timeoutMs: Infinity });
    await expectNothingOpen(before);
  });
}

/** Unless the row has shut it down. */
async function expectToWork(executor: Executor): Promise<void> {
  if (executor.statistics().state === "closed") return;
  expect(await executor.submit(triple, [14])).toBe(42);
}
