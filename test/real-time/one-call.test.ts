/**
 * A guard, not a measurement: `npm run bench -- one-call` measures. It catches what makes each call dear, as a message more
 * or a timer for each would.
 */
import { ThreadPoolExecutor } from "offloop";
import { Piscina } from "piscina";
import { expect, test } from "vitest";
import { increment } from "../fixtures/one-call.mjs";

const ROUNDS = 15;
const CALLS = 300;
// On a quiet machine it is 0.75.
const MOST = 1.5;

test(
  `a lone call costs at the most ${MOST} times what it costs with piscina`,
  { timeout: 120_000 },
  async () => {
    const filename = new URL("../fixtures/one-call.mjs", import.meta.url).href;
    const piscina = new Piscina({ filename, minThreads: 1, maxThreads: 1 });
    // Not niced, as piscina's are not: on a busy machine that would decide.
    const pool = new ThreadPoolExecutor({ maxWorkers: 1, nice: 0 });
    try {
      const ratios: number[] = [];
      for (let round = -3; round < ROUNDS; round++) {
        const ours = await timeOf((n) => pool.submit(increment, [n]));
        const theirs = await timeOf((n) => piscina.run(n) as Promise<number>);
        // Warm-up does not count.
        if (round >= 0) ratios.push(ours / theirs);
      }
      const median = ratios.toSorted((a, b) => a - b)[ROUNDS >> 1]!;
      expect(median).toBeLessThan(MOST);
    } finally {
      await Promise.all([pool.shutdown(), piscina.destroy()]);
    }
  },
);

async function timeOf(call: (n: number) => Promise<number>): Promise<number> {
  await call(0);
  const startedAt = performance.now();
  for (let n = 0; n < CALLS; n++) {
    if ((await call(n)) !== n + 1) throw new Error("a wrong answer");
  }
  return performance.now() - startedAt;
}
