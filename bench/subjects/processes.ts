/**
 * offloop, its peers, and bare children, each with so many processes and one function: `increment`. Everything else is as it comes.
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type ExecutorOptions, ProcessPoolExecutor } from "offloop";
import Tinypool from "tinypool";
import workerpool from "workerpool";
import { increment } from "../workers/increment.js";
import { type RawWorker, rawPool, type Subject } from "./raw.ts";

const maxPending = 2_000_000;

export const processes = (workers: number): Readonly<Record<string, () => Subject>> => ({
  "raw frames of 64": () => rawFrames(workers, 64),
  "raw fork": () => rawFrames(workers, 1),
  offloop: () => offloop({ minWorkers: workers, maxWorkers: workers, maxPending }),
  "offloop, nice 0": () => offloop({ minWorkers: workers, maxWorkers: workers, maxPending, nice: 0 }),
  tinypool() {
    const options = { runtime: "child_process", minThreads: workers, maxThreads: workers } as const;
    const pool = new Tinypool({ filename: url("increment.js"), ...options });
    return { call: (n) => pool.run(n) as Promise<number>, close: () => pool.destroy() };
  },
  workerpool() {
    const options = { minWorkers: workers, maxWorkers: workers, workerType: "process" } as const;
    const pool = workerpool.pool(file("increment-workerpool.js"), options);
    return { call: (n) => pool.exec<(n: number) => number>("increment", [n]), close: () => pool.terminate() };
  },
});

function offloop(options: ExecutorOptions): Subject {
  const pool = new ProcessPoolExecutor(options);
  return { call: (n) => pool.submit(increment, [n]), close: () => pool.shutdown() };
}

function rawFrames(workers: number, size: number): Subject {
  const childOf = (): RawWorker => {
    const child = fork(file("increment-raw.js"), { serialization: "advanced" });
    return {
      post: (frame) => void child.send(frame),
      onAnswer: (answer) => void child.on("message", (results) => answer(results as number[])),
      close: () => child.kill(),
    };
  };
  return rawPool(Array.from({ length: workers }, childOf), size);
}

function url(name: string): string {
  return new URL(`../workers/${name}`, import.meta.url).href;
}

function file(name: string): string {
  return fileURLToPath(url(name));
}
