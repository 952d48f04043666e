/**
 * How long after its time limit a task in an endless loop has settled. The best of some rounds counts: what else the machine does is not
 * ours, and what we do would be in each of them.
 */
import { ProcessPoolExecutor, ThreadPoolExecutor } from "offloop";
import { expect, test } from "vitest";
import { stayIf } from "../fixtures/contract/small.mjs";
import { triple } from "../fixtures/contract/values.mjs";
import { rejection } from "../contract/waits.ts";

const ROUNDS = 7;
const TIMEOUT_MS = 100;
const LATE_MS = 100;

test.each([
  ["a thread", ThreadPoolExecutor],
  ["a process", ProcessPoolExecutor],
] as const)("an endless loop in %s settles at the latest 100 ms after its limit", async (_, Pool) => {
  await using pool = new Pool({ maxWorkers: 1, nice: 0 });
  const late: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // Its start is not the call's.
    await pool.submit(triple, [1]);
    const startedAt = performance.now();
    const error = await rejection(pool.submit(stayIf, [0, "loop"], { timeoutMs: TIMEOUT_MS }));
    late.push(performance.now() - startedAt - TIMEOUT_MS);
    expect(error).toMatchObject({ code: "ERR_OFFLOOP_TASK_TIMEOUT", phase: "running" });
  }
  const best = Math.min(...late);
  // A timer is never early; its clock is cut to milliseconds.
  expect(best).toBeGreaterThan(-2);
  expect(best).toBeLessThan(LATE_MS);
});
