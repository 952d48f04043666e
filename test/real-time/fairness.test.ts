/**
 * A guard, not a measurement: `npm run bench -- fairness` measures. It catches short calls that wait behind a long one, and workers
 * that stay idle beside a burst.
 */
import { type Executor, ProcessPoolExecutor, ThreadPoolExecutor } from "offloop";
import { describe, expect, test } from "vitest";
import { spinFor } from "../fixtures/spin.mjs";

const SHORT = 1_000;
const SHORT_MS = 0.05;
const LONG_MS = 1_000;
const ROUNDS = 3;
// A perfect pool of two needs twice as long without one of its workers. Behind the long call they would take forty times as long.
const MOST = 8;

async function p99(executor: Executor, longAt: number | undefined): Promise<number> {
  const startedAt = performance.now();
  let long: PromiseLike<unknown> | undefined;
  const short: Promise<number>[] = [];
  for (let n = 0; n < SHORT; n++) {
    if (n === longAt) long = executor.submit(spinFor, [LONG_MS]);
    short.push(executor.submit(spinFor, [SHORT_MS]).then(() => performance.now() - startedAt));
  }
  const times = (await Promise.all(short)).sort((a, b) => a - b);
  await long;
  return times[Math.ceil(SHORT * 0.99) - 1]!;
}

describe.each([
  ["threads", () => new ThreadPoolExecutor({ maxWorkers: 2, minWorkers: 2, nice: 0 })],
  ["processes", () => new ProcessPoolExecutor({ maxWorkers: 2, minWorkers: 2, nice: 0 })],
] as const)("%s", (_kind, make) => {
  test.each([0, SHORT / 2])(
    `one long call among short ones, at %d, makes them take at the most ${MOST} times as long`,
    { timeout: 120_000 },
    async (longAt) => {
      await using executor = make();
      await executor.ready();
      const ratios: number[] = [];
      for (let round = -1; round < ROUNDS; round++) {
        const alone = await p99(executor, undefined);
        const beside = await p99(executor, longAt);
        // Warm-up does not count.
        if (round >= 0) ratios.push(beside / alone);
      }
      ratios.sort((a, b) => a - b);
      expect(ratios[ROUNDS >> 1]).toBeLessThan(MOST);
    },
  );

  test("a burst on an idle pool is shared by its workers", async () => {
    await using executor = make();
    await executor.ready();
    await Promise.all(Array.from({ length: 200 }, () => executor.submit(spinFor, [0.5])));
    const before = executor.statistics().workers.map(({ activeMs }) => activeMs);
    await Promise.all(Array.from({ length: 200 }, () => executor.submit(spinFor, [0.5])));
    const worked = executor.statistics().workers.map(({ activeMs }, index) => activeMs - before[index]!);
    // Half each; on a busy machine one of them may get little of it.
    expect(Math.min(...worked)).toBeGreaterThan(worked.reduce((sum, ms) => sum + ms, 0) / 10);
  });
});
