/**
 * offloop, its peers, and a bare worker, each with one thread and one function: `increment`. Everything else is as it comes.
 */
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { type ExecutorOptions, ThreadPoolExecutor } from "offloop";
import { Piscina } from "piscina";
import { FixedThreadPool } from "poolifier";
import Tinypool from "tinypool";
import workerpool from "workerpool";
import { increment } from "../workers/increment.js";

export interface Subject {
  call(n: number): PromiseLike<number>;
  close(): unknown;
}

export const threads: Readonly<Record<string, () => Subject>> = {
  "raw postMessage": rawPostMessage,
  offloop: () => offloop({}),
  // Workers yield to the loop by default, and to whatever else the machine does.
  "offloop, nice 0": () => offloop({ nice: 0 }),
  piscina() {
    const pool = new Piscina<number, number>({
      filename: file("increment.js"),
      minThreads: 1,
      maxThreads: 1,
    });
    return { call: (n) => pool.run(n), close: () => pool.destroy() };
  },
  tinypool() {
    const pool = new Tinypool({ filename: url("increment.js"), minThreads: 1, maxThreads: 1 });
    return { call: (n) => pool.run(n) as Promise<number>, close: () => pool.destroy() };
  },
  workerpool() {
    const options = { minWorkers: 1, maxWorkers: 1, workerType: "thread" } as const;
    const pool = workerpool.pool(file("increment-workerpool.js"), options);
    return { call: (n) => pool.exec<(n: number) => number>("increment", [n]), close: () => pool.terminate() };
  },
  poolifier() {
    const pool = new FixedThreadPool<number, number>(1, file("increment-poolifier.js"));
    return { call: (n) => pool.execute(n), close: () => pool.destroy() };
  },
};

function offloop(options: ExecutorOptions): Subject {
  const pool = new ThreadPoolExecutor({ maxWorkers: 1, ...options });
  return { call: (n) => pool.submit(increment, [n]), close: () => pool.shutdown() };
}

/** The limit: nothing but a message there and a message back. */
function rawPostMessage(): Subject {
  const worker = new Worker(new URL("../workers/increment-raw.js", import.meta.url));
  let answered: (value: number) => void = () => {};
  worker.on("message", (value: number) => answered(value));
  const call = (n: number): Promise<number> =>
    new Promise((resolve) => {
      answered = resolve;
      worker.postMessage(n);
    });
  return { call, close: () => worker.terminate() };
}

function url(name: string): string {
  return new URL(`../workers/${name}`, import.meta.url).href;
}

function file(name: string): string {
  return fileURLToPath(url(name));
}
