/**
 * offloop, its peers, and bare workers, each with so many threads and one function: `increment`. Everything else is as it comes.
 */
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { wrap } from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { type ExecutorOptions, ThreadPoolExecutor } from "offloop";
import { Piscina } from "piscina";
import { FixedThreadPool } from "poolifier";
import Tinypool from "tinypool";
import workerpool from "workerpool";
import { increment } from "../workers/increment.js";
import { type RawWorker, rawPool, type Subject } from "./raw.ts";

/** Enough for whatever is asked of it at once; the default of 100 000 is for programs. */
const maxPending = 2_000_000;

export const threads = (workers: number): Readonly<Record<string, () => Subject>> => ({
  "raw frames of 64": () => rawFrames(workers, 64),
  "raw postMessage": () => rawFrames(workers, 1),
  offloop: () => offloop({ minWorkers: workers, maxWorkers: workers, maxPending }),
  // Workers yield to the loop by default, and to whatever else the machine does.
  "offloop, nice 0": () => offloop({ minWorkers: workers, maxWorkers: workers, maxPending, nice: 0 }),
  piscina() {
    const pool = new Piscina<number, number>({
      filename: file("increment.js"),
      minThreads: workers,
      maxThreads: workers,
    });
    return { call: (n) => pool.run(n), close: () => pool.destroy() };
  },
  tinypool() {
    const pool = new Tinypool({ filename: url("increment.js"), minThreads: workers, maxThreads: workers });
    return { call: (n) => pool.run(n) as Promise<number>, close: () => pool.destroy() };
  },
  workerpool() {
    const options = { minWorkers: workers, maxWorkers: workers, workerType: "thread" } as const;
    const pool = workerpool.pool(file("increment-workerpool.js"), options);
    return { call: (n) => pool.exec<(n: number) => number>("increment", [n]), close: () => pool.terminate() };
  },
  poolifier() {
    const pool = new FixedThreadPool<number, number>(workers, file("increment-poolifier.js"));
    return { call: (n) => pool.execute(n), close: () => pool.destroy() };
  },
  /** It has no pool: its workers take turns. */
  comlink() {
    const script = new URL("../workers/increment-comlink.js", import.meta.url);
    const all = Array.from({ length: workers }, () => new Worker(script));
    const remotes = all.map((worker) => wrap<typeof increment>(nodeEndpoint(worker)));
    let calls = 0;
    return {
      call: (n) => remotes[calls++ % workers]!(n) as Promise<number>,
      close: () => all.forEach((worker) => void worker.terminate()),
    };
  },
});

function offloop(options: ExecutorOptions): Subject {
  const pool = new ThreadPoolExecutor(options);
  return { call: (n) => pool.submit(increment, [n]), close: () => pool.shutdown() };
}

/** The limit: nothing but messages there and back, of so many calls. A worker has two of them at a time. */
function rawFrames(workers: number, size: number): Subject {
  const script = new URL("../workers/increment-raw.js", import.meta.url);
  const threadOf = (): RawWorker => {
    const worker = new Worker(script);
    return {
      post: (frame) => worker.postMessage(frame),
      onAnswer: (answer) => void worker.on("message", answer),
      close: () => worker.terminate(),
    };
  };
  return rawPool(Array.from({ length: workers }, threadOf), size);
}

function url(name: string): string {
  return new URL(`../workers/${name}`, import.meta.url).href;
}

function file(name: string): string {
  return fileURLToPath(url(name));
}
