/**
 * `npm run soak -- --calls 1000000 --seed 1`: random calls on both kinds of pools, every one accounted for.
 */
import { readdirSync, readFileSync } from "node:fs";
import { inspect } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Random } from "../../test/random.ts";
import { Account } from "./account.ts";
import { parseOptions } from "./options.ts";
import { Pool, type Progress } from "./pools.ts";

/** No call takes a tenth of it. When nothing settles for so long, what is open hangs. */
const PATIENCE_MS = 60_000;
const TOLD_EACH_MS = 5_000;
/** A pool's life. */
const CALLS_PER_POOL = 5_000;
/** Fewer calls do not show what memory does. */
const CALLS_FOR_RSS = 200_000;
const MOST_GROWTH = 1.1;

const { calls, seed, json } = parseOptions(process.argv.slice(2));
const startedAt = performance.now();
const progress: Progress = {
  random: new Random(seed),
  account: new Account(),
  faults: {},
  pids: new Set(),
  open: new Set(),
  doubleSettles: 0,
  settledAt: performance.now(),
};
const { account, open, random } = progress;
/** Of what compiles this program. */
const others = new Set(childPids());
const rssBytes = { start: 0, middle: 0, end: 0 };
let submitted = 0;
let pools: readonly Pool[] = [];
if (!json) console.error(`soak: ${calls.toLocaleString("en")} calls, seed ${seed}`);

const telling = setInterval(() => {
  if (performance.now() - progress.settledAt > PATIENCE_MS && open.size > 0) report(open.size);
  if (!json) tell();
}, TOLD_EACH_MS);

await run();
clearInterval(telling);
rssBytes.end = await rss();
report(0);

async function run(): Promise<void> {
  while (submitted < calls) {
    pools = [new Pool(progress, "thread"), new Pool(progress, "process")];
    const end = Math.min(calls, submitted + CALLS_PER_POOL);
    while (submitted < end) {
      const pool = random.pick(pools);
      for (let burst = 1 + random.below(200); burst > 0 && submitted < end; burst--) pool.submit(++submitted);
      await pool.disturb();
    }
    await Promise.all(pools.map((pool) => pool.close()));
    if (rssBytes.start === 0) rssBytes.start = await rss();
    if (rssBytes.middle === 0 && submitted >= calls / 2) rssBytes.middle = await rss();
  }
}

/** After the garbage is gone. */
async function rss(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let count = 0; count < 3; count++) {
    collect();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  return process.memoryUsage.rss();
}

function tell(): void {
  const seconds = (performance.now() - startedAt) / 1_000;
  const { heapUsed } = process.memoryUsage();
  console.error(
    `${seconds.toFixed(0)} s: ${submitted.toLocaleString("en")} calls, ${open.size} open, ${account.unaccounted} unaccounted, ` +
      `heap ${(heapUsed / 2 ** 20).toFixed(0)} MiB`,
  );
}

/** Children of this process, or those that it had and that live on. */
function orphans(): number {
  const alive = new Set([...progress.pids].filter(isAlive));
  for (const pid of childPids()) if (!others.has(pid)) alive.add(pid);
  return alive.size;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** On Linux; elsewhere only those that were seen. */
function childPids(): number[] {
  if (process.platform !== "linux") return [];
  const { pid } = process;
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  );
}

function report(hangs: number): never {
  for (const call of [...open].slice(0, 10)) {
    account.complain(`call ${call.n} (${call.what}) is ${call.task.state}, at worker ${call.task.workerId}`);
  }
  if (hangs > 0) {
    // A worker that starts all the time, or has had no CPU, is no hang of ours.
    const seen = pools.map(({ executor }) => inspect(executor.statistics(), { depth: 4, breakLength: 160 }));
    account.complain(`the pools were ${seen.join("\n")}`);
  }
  const result = {
    seed,
    calls,
    settled: account.settled,
    faults: progress.faults,
    hangs,
    doubleSettles: progress.doubleSettles,
    unaccounted: account.unaccounted,
    rssBytes,
    orphans: hangs > 0 ? 0 : orphans(),
    durationMs: Math.round(performance.now() - startedAt),
  };
  const hasGrown = calls >= CALLS_FOR_RSS && rssBytes.end > rssBytes.middle * MOST_GROWTH;
  if (hasGrown) {
    account.complain(`memory grew from ${rssBytes.middle} to ${rssBytes.end} bytes in the second half`);
  }
  if (result.orphans > 0) account.complain(`${result.orphans} children are left`);
  for (const complaint of account.complaints) console.error(`soak: ${complaint}`);
  const wrong = hangs + result.doubleSettles + result.unaccounted + result.orphans;
  console.log(JSON.stringify(result));
  process.exit(wrong > 0 || hasGrown ? 1 : 0);
}
