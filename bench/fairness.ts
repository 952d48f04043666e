/**
 * One long call among 1 000 short ones, all at once: how long until 99 % of the short ones are answered, beside a run without the
 * long one. The long one takes a worker away, so k/(k−1) times as long is what a perfect pool needs.
 */
import { fileURLToPath } from "node:url";
import { ThreadPoolExecutor } from "offloop";
import { Piscina } from "piscina";
import { interleave, type Row, rowsOf, sized } from "./harness.ts";
import { spin } from "./workers/spin.js";

const WORKERS = 2;
const ROUNDS = 7;
const SHORT = sized(1_000, 100);
/** Longer than all of the short ones take with one worker. */
const LONG_MS = sized(1_000, 50);
/** What a call works: one that is sent by itself anyway, and some that leave together. */
const SHORT_MS = [0.5, 0.05, 0];

type Call = (ms: number) => PromiseLike<number>;

export async function measure(): Promise<Row[]> {
  const filename = fileURLToPath(new URL("workers/spin.js", import.meta.url));
  const piscina = new Piscina<number, number>({ filename, minThreads: WORKERS, maxThreads: WORKERS });
  // Not niced, as piscina's are not: with more work than CPUs that would decide.
  const pool = new ThreadPoolExecutor({ maxWorkers: WORKERS, minWorkers: WORKERS, nice: 0 });
  await pool.ready();
  const calls: Readonly<Record<string, Call>> = {
    offloop: (ms) => pool.submit(spin, [ms]),
    piscina: (ms) => piscina.run(ms),
  };
  const rows: Row[] = [];
  for (const shortMs of SHORT_MS) {
    const unit = `p99 of ${SHORT.toLocaleString("en")} calls of ${shortMs} ms`;
    const subjects = Object.entries(calls).flatMap(([name, call]) =>
      [0, SHORT / 2].map((at) => {
        const title = at === 0 ? `${name}, the long one first` : `${name}, the long one in the middle`;
        return [title, () => round(call, shortMs, at, unit)] as const;
      }),
    );
    rows.push(
      ...rowsOf(await interleave(Object.fromEntries(subjects), { rounds: ROUNDS, warmUp: 2 }), {
        unit: "× without it",
        ratioTo: "piscina, the long one first",
      }),
    );
  }
  void pool.shutdown();
  void piscina.destroy();
  return rows;
}

/** One run without the long call, one with it. */
async function round(
  call: Call,
  shortMs: number,
  at: number,
  title: string,
): Promise<Record<string, number>> {
  const alone = await p99(call, shortMs, undefined);
  return { [title]: (await p99(call, shortMs, at)) / alone };
}

async function p99(call: Call, shortMs: number, longAt: number | undefined): Promise<number> {
  const startedAt = performance.now();
  let long: PromiseLike<number> | undefined;
  const short: PromiseLike<number>[] = [];
  for (let n = 0; n < SHORT; n++) {
    if (n === longAt) long = call(LONG_MS);
    short.push(call(shortMs).then(() => performance.now() - startedAt));
  }
  const times = (await Promise.all(short)).sort((a, b) => a - b);
  await long;
  return times[Math.ceil(SHORT * 0.99) - 1]!;
}
