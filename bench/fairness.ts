/**
 * One long call among 1 000 short ones, all at once: how long until 99 % of the short ones are answered, beside a run without the
 * long one. The long one takes a worker away, so k/(k−1) times as long is what a perfect pool needs.
 */
import { fileURLToPath } from "node:url";
import { ThreadPoolExecutor } from "offloop";
import { Piscina } from "piscina";
import { FixedThreadPool } from "poolifier";
import Tinypool from "tinypool";
import workerpool from "workerpool";
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

interface Subject {
  readonly call: Call;
  readonly close: () => unknown;
}

const url = (name: string): string => new URL(`workers/${name}`, import.meta.url).href;
const file = (name: string): string => fileURLToPath(url(name));

const subjectsOf: Readonly<Record<string, () => Subject>> = {
  offloop() {
    // Not niced, as the others' are not: with more work than CPUs that would decide.
    const pool = new ThreadPoolExecutor({ maxWorkers: WORKERS, minWorkers: WORKERS, nice: 0 });
    return { call: (ms) => pool.submit(spin, [ms]), close: () => pool.shutdown() };
  },
  piscina() {
    const options = { filename: file("spin.js"), minThreads: WORKERS, maxThreads: WORKERS };
    const pool = new Piscina<number, number>(options);
    return { call: (ms) => pool.run(ms), close: () => pool.destroy() };
  },
  tinypool() {
    const pool = new Tinypool({ filename: url("spin.js"), minThreads: WORKERS, maxThreads: WORKERS });
    return { call: (ms) => pool.run(ms) as Promise<number>, close: () => pool.destroy() };
  },
  workerpool() {
    const options = { minWorkers: WORKERS, maxWorkers: WORKERS, workerType: "thread" } as const;
    const pool = workerpool.pool(file("spin-workerpool.js"), options);
    return { call: (ms) => pool.exec<typeof spin>("spin", [ms]), close: () => pool.terminate() };
  },
  poolifier() {
    const pool = new FixedThreadPool<number, number>(WORKERS, file("spin-poolifier.js"));
    return { call: (ms) => pool.execute(ms), close: () => pool.destroy() };
  },
};

export async function measure(): Promise<Row[]> {
  const pools = Object.entries(subjectsOf).map(([name, make]) => [name, make()] as const);
  // Nobody's workers start while it is measured.
  for (const [, { call }] of pools) await Promise.all([call(1), call(1)]);
  const rows: Row[] = [];
  for (const shortMs of SHORT_MS) {
    const unit = `p99 of ${SHORT.toLocaleString("en")} calls of ${shortMs} ms`;
    const subjects = pools.flatMap(([name, { call }]) =>
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
  for (const [, { close }] of pools) void close();
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
