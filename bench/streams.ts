/**
 * A million small items from a worker to a reader: a stream, against bare messages with 64 items each, acknowledged so that as many are
 * under way as in the stream's window, and read in the same way. And what a slow reader makes the stream hold.
 */
import { Worker } from "node:worker_threads";
import { ThreadPoolExecutor } from "offloop";
import { interleave, type Row, rowsOf, sized } from "./harness.ts";

const ITEMS = sized(1_000_000, 1_000);
const FRAME = 64;
const WINDOWS = [64, 1_024];
const ROUNDS = sized(5, 1);
/** Read slowly: the memory that is held after the first of them, and after all. */
const [FIRST, ALL] = sized([2_000, 20_000], [20, 200]) as [number, number];

const RAW = `
const { parentPort } = require("node:worker_threads");
let next = 0, end = 0;
parentPort.on("message", ({ items, frames }) => {
  if (items !== undefined) { next = 0; end = items; }
  for (; frames > 0 && next < end; frames--) {
    const frame = [];
    while (frame.length < ${FRAME} && next < end) frame.push(next++);
    parentPort.postMessage(frame);
  }
});
`;

export async function measure(): Promise<Row[]> {
  const pool = new ThreadPoolExecutor({ maxWorkers: 1, nice: 0 });
  const worker = new Worker(RAW, { eval: true });
  const cases = (read: (window: number) => Promise<void>) => async (): Promise<Record<string, number>> => {
    const measures: Record<string, number> = {};
    for (const window of WINDOWS) {
      globalThis.gc?.();
      const startedAt = performance.now();
      await read(window);
      measures[`${ITEMS.toLocaleString("en")} numbers, window of ${window}`] =
        ((performance.now() - startedAt) * 1_000) / ITEMS;
    }
    return measures;
  };
  const subjects = {
    "raw frames": cases((window) => sum(rawItems(worker, window))),
    offloop: cases((window) => sum(pool.stream(count, [ITEMS], { window }))),
  };
  const rows = rowsOf(await interleave(subjects, { rounds: ROUNDS }), {
    unit: "µs an item",
    ratioTo: "raw frames",
  });
  rows.push(await slowReaders(pool));
  await worker.terminate();
  await pool.shutdown();
  return rows;
}

function* count(limit: number): Generator<number> {
  for (let n = 0; n < limit; n++) yield n;
}

async function sum(items: AsyncIterable<number>): Promise<void> {
  let total = 0;
  for await (const item of items) total += item;
  if (total !== (ITEMS * (ITEMS - 1)) / 2) throw new Error("a wrong sum");
}

async function* rawItems(worker: Worker, window: number): AsyncGenerator<number> {
  const frames: number[][] = [];
  let wake = (): void => {};
  const listen = (frame: number[]): void => {
    frames.push(frame);
    wake();
  };
  worker.on("message", listen);
  worker.postMessage({ items: ITEMS, frames: Math.max(1, window / FRAME) });
  for (let left = ITEMS; left > 0;) {
    const frame = frames.shift();
    if (frame === undefined) {
      await new Promise<void>((resolve) => (wake = resolve));
      continue;
    }
    worker.postMessage({ frames: 1 });
    left -= frame.length;
    yield* frame;
  }
  worker.off("message", listen);
}

async function slowReaders(pool: ThreadPoolExecutor): Promise<Row> {
  const title = `${(ALL - FIRST).toLocaleString("en")} items of 1 KB, slowly read`;
  const measured = await interleave(
    { offloop: async () => ({ [title]: await slowReader(pool) }) },
    { rounds: ROUNDS, warmUp: 0 },
  );
  return rowsOf(measured, { unit: "MB more", ratioTo: "offloop" })[0]!;
}

/** How much more memory the program has then, of an endless stream. */
async function slowReader(pool: ThreadPoolExecutor): Promise<number> {
  let read = 0;
  let before = 0;
  for await (const _row of pool.stream(endless, [])) {
    await new Promise((resolve) => setImmediate(resolve));
    if (++read === FIRST) before = held();
    if (read === ALL) break;
  }
  return (held() - before) / 1e6;
}

function* endless(): Generator<{ text: string }> {
  for (let n = 0; ; n++) yield { text: String(n).padEnd(1_000) };
}

function held(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
