/**
 * How long a pool of one worker is out of action when that ends: until the answer of the next call, which a new worker gives. It ends by
 * the exit of a call, from handing that over; by SIGKILL in a call, the same; and, of threads, by ending a call that loops, from asking
 * for it: as each pool ends one that runs, with `cancel()` or a signal.
 */
import { fileURLToPath } from "node:url";
import { type ExecutorOptions, ProcessPoolExecutor, ThreadPoolExecutor } from "offloop";
import { Piscina } from "piscina";
import Tinypool from "tinypool";
import workerpool from "workerpool";
import { interleave, type Row, rowsOf } from "./harness.ts";
import { endOrAnswer } from "./workers/ends-or-answers.js";

const ROUNDS = 15;

type Request = Parameters<typeof endOrAnswer>[0];

interface Subject {
  /** `end`: ends it while it runs. */
  readonly call: (request: Request) => { readonly answer: PromiseLike<unknown>; end(): void };
  readonly close: () => unknown;
}

const url = (name: string): string => new URL(`workers/${name}`, import.meta.url).href;
const file = (name: string): string => fileURLToPath(url(name));

/** By default workers yield to whatever else the machine does, also while they start; those of the peers do not. */
function offloop(
  Pool: typeof ThreadPoolExecutor | typeof ProcessPoolExecutor,
  options: ExecutorOptions = {},
): Subject {
  const pool = new Pool({ maxWorkers: 1, ...options });
  return {
    call(request) {
      const task = pool.submit(endOrAnswer, [request]);
      return { answer: task, end: () => void task.cancel() };
    },
    close: () => pool.shutdown(),
  };
}

function piscina(): Subject {
  const filename = file("ends-or-answers.js");
  const pool = new Piscina<Request, number>({ filename, minThreads: 1, maxThreads: 1 });
  // It tells of each worker that ends in another way than by its hand.
  pool.on("error", () => {});
  return {
    call(request) {
      const controller = new AbortController();
      return { answer: pool.run(request, { signal: controller.signal }), end: () => controller.abort() };
    },
    close: () => pool.destroy(),
  };
}

function tinypool(runtime: "worker_threads" | "child_process"): Subject {
  const pool = new Tinypool({ filename: url("ends-or-answers.js"), runtime, minThreads: 1, maxThreads: 1 });
  return {
    call(request) {
      const controller = new AbortController();
      const answer = pool.run(request, { signal: controller.signal }) as Promise<number>;
      return { answer, end: () => controller.abort() };
    },
    close: () => pool.destroy(),
  };
}

function peer(workerType: "thread" | "process"): Subject {
  const pool = workerpool.pool(file("ends-or-answers-workerpool.js"), { maxWorkers: 1, workerType });
  return {
    call(request) {
      const call = pool.exec<typeof endOrAnswer>("endOrAnswer", [request]);
      return { answer: Promise.resolve(call), end: () => void call.cancel() };
    },
    close: () => pool.terminate(),
  };
}

export async function measure(): Promise<Row[]> {
  const threads = {
    offloop: offloop(ThreadPoolExecutor),
    "offloop, nice 0": offloop(ThreadPoolExecutor, { nice: 0 }),
    piscina: piscina(),
    workerpool: peer("thread"),
  };
  const processes = {
    offloop: offloop(ProcessPoolExecutor),
    "offloop, nice 0": offloop(ProcessPoolExecutor, { nice: 0 }),
    tinypool: tinypool("child_process"),
    workerpool: peer("process"),
  };
  // Of a thread that exits tinypool's call never settles (2.2.0).
  const withTinypool = { ...threads, tinypool: tinypool("worker_threads") };
  const rows = [
    ...(await measureCase("from an exit to the next answer, threads", threads, exited)),
    ...(await measureCase("from ending a loop to the next answer, threads", withTinypool, ended)),
    ...(await measureCase("from an exit to the next answer, processes", processes, exited)),
    ...(await measureCase("from SIGKILL to the next answer, processes", processes, killed)),
  ];
  for (const { close } of [...Object.values(withTinypool), ...Object.values(processes)]) void close();
  return rows;
}

type Recover = (subject: Subject) => Promise<number>;

async function measureCase(
  title: string,
  subjects: Readonly<Record<string, Subject>>,
  recover: Recover,
): Promise<Row[]> {
  const turns = Object.entries(subjects).map(
    ([name, subject]) => [name, async () => ({ [title]: await recover(subject) })] as const,
  );
  const measured = await interleave(Object.fromEntries(turns), { rounds: ROUNDS });
  return rowsOf(measured, { unit: "ms", ratioTo: "offloop" });
}

const exited: Recover = (subject) => recovered(subject, { how: "exit" });
const killed: Recover = (subject) => recovered(subject, { how: "kill" });
const ended: Recover = (subject) => recovered(subject, { how: "loop", begun: new SharedArrayBuffer(4) });

async function recovered({ call }: Subject, request: Request): Promise<number> {
  await call({ how: "answer" }).answer;
  let startedAt = performance.now();
  const { answer, end } = call(request);
  const lost = Promise.resolve(answer).then(
    () => {
      throw new Error("its worker did not end");
    },
    () => {},
  );
  if (request.begun !== undefined) {
    const begun = new Int32Array(request.begun);
    while (Atomics.load(begun, 0) === 0) await new Promise((resolve) => setImmediate(resolve));
    startedAt = performance.now();
    end();
  }
  await lost;
  await call({ how: "answer" }).answer;
  return performance.now() - startedAt;
}
