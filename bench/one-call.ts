/**
 * One call at a time: how long does a caller wait who awaits each call before making the next, and how much of that does the
 * main thread work? The peer is piscina; a bare worker that answers messages is the limit of what a port can do.
 */
import { MessageChannel, Worker } from "node:worker_threads";
import { ThreadPoolExecutor } from "offloop";
import { Piscina } from "piscina";
import { increment } from "./fixtures/increment.mjs";
import { type Row, rowsOf } from "./rows.ts";

const ROUNDS = 11;
const CALLS = 2_000;
const WARM_UP = 200;
const FIXTURES = new URL("./fixtures/", import.meta.url);

interface Subject {
  call(value: number): PromiseLike<number>;
  close(): Promise<unknown>;
}

function offloop(): Subject {
  const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  return { call: (value) => pool.submit(increment, [value]), close: () => pool.shutdown() };
}

function piscina(): Subject {
  const filename = new URL("increment-default.mjs", FIXTURES).href;
  const pool = new Piscina<number, number>({ filename, minThreads: 1, maxThreads: 1, idleTimeout: Infinity });
  return { call: (value) => pool.run(value), close: () => pool.destroy() };
}

function bareWorker(): Subject {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(new URL("answering.mjs", FIXTURES), { workerData: port2, transferList: [port2] });
  let settle: (value: number) => void = () => {};
  port1.on("message", (value: number) => settle(value));
  return {
    call: (value) =>
      new Promise((resolve) => {
        settle = resolve;
        port1.postMessage(value);
      }),
    close: async () => {
      port1.close();
      await worker.terminate();
    },
  };
}

const SUBJECTS = { piscina, offloop, "bare worker": bareWorker };

export async function run(progress: (text: string) => void): Promise<Row[]> {
  const subjects = Object.entries(SUBJECTS).map(([name, make]) => [name, make()] as const);
  const latency = new Map<string, number[]>();
  const mainTime = new Map<string, number[]>();
  for (let round = 1; round <= ROUNDS; round++) {
    progress(`round ${round} of ${ROUNDS}`);
    for (const [name, subject] of subjects) {
      for (let call = 0; call < WARM_UP; call++) await subject.call(call);
      const [us, mainUs] = await measure(subject);
      latency.set(name, [...(latency.get(name) ?? []), us]);
      mainTime.set(name, [...(mainTime.get(name) ?? []), mainUs]);
    }
  }
  for (const [, subject] of subjects) await subject.close();
  return [
    ...rowsOf("one call at a time", "µs a call", latency, "piscina"),
    ...rowsOf("main thread active (event loop utilization)", "µs a call", mainTime, "piscina"),
  ];
}

async function measure(subject: Subject): Promise<[latencyUs: number, mainUs: number]> {
  const loopBefore = performance.eventLoopUtilization();
  const startedAt = performance.now();
  for (let call = 0; call < CALLS; call++) await subject.call(call);
  const ms = performance.now() - startedAt;
  const { active } = performance.eventLoopUtilization(loopBefore);
  return [(ms / CALLS) * 1000, (active / CALLS) * 1000];
}
