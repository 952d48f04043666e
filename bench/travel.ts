/**
 * What each way to a worker costs: a later call, from call to answer, and the first one on the event loop of a fresh program.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ThreadPoolExecutor } from "offloop";
import { interleave, type Row, rowsOf, sized } from "./harness.ts";
import * as ways from "./workers/ways.js";

const ROUNDS = 15;
const CALLS = sized(1_000, 10);
const FIRST_ROUNDS = 7;

type Increment = (n: number) => number;

/** Asked for each call: some ways need another function each time. */
const WAYS: Readonly<Record<string, () => Increment>> = {
  "by reference, exported": () => ways.exported,
  "by reference, wrapped": () => ways.wrapped.sync,
  "by value, captures nothing": ways.capturing.nothing,
  "by value, captures a constant": ways.capturing.constants,
  "by value, captures a list": ways.capturing.data,
  "by value, a new closure each time": () => ways.fresh(),
};

export async function measure(): Promise<Row[]> {
  const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  const later = await interleave(
    Object.fromEntries(Object.keys(WAYS).map((name) => [name, () => round(pool, name)])),
    { rounds: ROUNDS, warmUp: 2 },
  );
  await pool.shutdown();
  const first = await interleave(
    Object.fromEntries(Object.keys(WAYS).map((name) => [name, () => firstCall(name)])),
    { rounds: FIRST_ROUNDS, warmUp: 0 },
  );
  const ratioTo = "by reference, exported";
  return [...rowsOf(later, { unit: "µs", ratioTo }), ...rowsOf(first, { unit: "µs", ratioTo })];
}

async function round(pool: ThreadPoolExecutor, name: string): Promise<Record<string, number>> {
  const fn = WAYS[name]!;
  const call = async (n: number): Promise<number> => pool.submit(fn(), [n]);
  // What the others left in the loop is not this one's.
  for (let n = 0; n < 20; n++) await call(n);
  const startedAt = performance.now();
  for (let n = 0; n < CALLS; n++) {
    if ((await call(n)) !== n + 1) throw new Error("a wrong answer");
  }
  return { "a later call": ((performance.now() - startedAt) * 1_000) / CALLS };
}

/** In a program of its own, on a worker that has started. */
async function firstCall(name: string): Promise<Record<string, number>> {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), name];
  const submitted = Number(execFileSync(process.execPath, args, { encoding: "utf8" }));
  return { "the first call, inside submit()": submitted };
}

const asked = process.argv[2] ?? "";
if (asked in WAYS && process.argv[1] === fileURLToPath(import.meta.url)) {
  const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  await pool.submit(Math.abs, [1]);
  const increment = WAYS[asked]!();
  const startedAt = performance.now();
  const task = pool.submit(increment, [1]);
  const elapsed = performance.now() - startedAt;
  if ((await task) !== 2) throw new Error("a wrong answer");
  await pool.shutdown();
  console.log(elapsed * 1_000);
}
