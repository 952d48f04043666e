/**
 * What a pool leaves of the CPUs: calls of 10 ms of work, all at once, on k workers, beside bare workers that get the next call when
 * they have two left.
 */
import { fileURLToPath } from "node:url";
import os from "node:os";
import { Worker } from "node:worker_threads";
import { ThreadPoolExecutor } from "offloop";
import { Piscina } from "piscina";
import { FixedThreadPool } from "poolifier";
import Tinypool from "tinypool";
import workerpool from "workerpool";
import { interleave, type Row, rowsOf, sized } from "./harness.ts";
import { rawPool, type Subject } from "./subjects/raw.ts";
import { stepsFor } from "./subjects/work.ts";
import { work } from "./workers/work.js";

const ROUNDS = 7;
const CALL_MS = 10;
const CALLS_PER_WORKER = sized(50, 2);
const WORKERS = [...new Set([1, 2, os.availableParallelism()])];

export async function measure(): Promise<Row[]> {
  const steps = stepsFor(CALL_MS);
  const rows: Row[] = [];
  for (const workers of WORKERS) {
    const title = `calls of ${CALL_MS} ms on ${workers} ${workers === 1 ? "worker" : "workers"}`;
    const open = Object.entries(subjects).map(([name, make]) => [name, make(workers)] as const);
    const rounds = open.map(
      ([name, subject]) => [name, async () => ({ [title]: await perCall(subject, steps, workers) })] as const,
    );
    const measured = await interleave(Object.fromEntries(rounds), { rounds: ROUNDS });
    for (const [, { close }] of open) void close();
    rows.push(...rowsOf(measured, { unit: "ms of a worker a call", ratioTo: "raw workers" }));
  }
  return rows;
}

async function perCall({ call }: Subject, steps: number, workers: number): Promise<number> {
  // All of them are there, and none sleeps.
  await Promise.all(Array.from({ length: 2 * workers }, () => call(1)));
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: CALLS_PER_WORKER * workers }, () => call(steps)));
  return (performance.now() - startedAt) / CALLS_PER_WORKER;
}

const subjects: Readonly<Record<string, (workers: number) => Subject>> = {
  "raw workers"(workers) {
    const threadOf = () => {
      const worker = new Worker(url("work-raw.js"));
      return {
        post: (frame: readonly number[]) => worker.postMessage(frame),
        onAnswer: (answer: (results: readonly number[]) => void) => void worker.on("message", answer),
        close: () => worker.terminate(),
      };
    };
    return rawPool(Array.from({ length: workers }, threadOf), 1);
  },
  offloop: (workers) => offloop(new ThreadPoolExecutor({ maxWorkers: workers, minWorkers: workers })),
  "offloop, nice 0": (workers) =>
    offloop(new ThreadPoolExecutor({ maxWorkers: workers, minWorkers: workers, nice: 0 })),
  piscina(workers) {
    const pool = new Piscina<number, number>({
      filename: file("work.js"),
      minThreads: workers,
      maxThreads: workers,
    });
    return { call: (steps) => pool.run(steps), close: () => pool.destroy() };
  },
  tinypool(workers) {
    const pool = new Tinypool({ filename: url("work.js").href, minThreads: workers, maxThreads: workers });
    return { call: (steps) => pool.run(steps) as Promise<number>, close: () => pool.destroy() };
  },
  workerpool(workers) {
    const options = { minWorkers: workers, maxWorkers: workers, workerType: "thread" } as const;
    const pool = workerpool.pool(file("work-workerpool.js"), options);
    return {
      call: (steps) => pool.exec<(steps: number) => number>("work", [steps]),
      close: () => pool.terminate(),
    };
  },
  poolifier(workers) {
    const pool = new FixedThreadPool<number, number>(workers, file("work-poolifier.js"));
    return { call: (steps) => pool.execute(steps), close: () => pool.destroy() };
  },
};

function offloop(pool: ThreadPoolExecutor): Subject {
  return { call: (steps) => pool.submit(work, [steps]), close: () => pool.shutdown() };
}

function url(name: string): URL {
  return new URL(`workers/${name}`, import.meta.url);
}

function file(name: string): string {
  return fileURLToPath(url(name));
}
