/**
 * How long a pool of one worker is out of action when a call takes that along: from handing over the call that ends its worker to the
 * answer of the next one, which a new worker gives.
 */
import { fileURLToPath } from "node:url";
import { type ExecutorOptions, ProcessPoolExecutor, ThreadPoolExecutor } from "offloop";
import { Piscina } from "piscina";
import workerpool from "workerpool";
import { interleave, type Row, rowsOf } from "./harness.ts";
import { exitOrAnswer } from "./workers/exits-or-answers.js";

const ROUNDS = 15;

interface Subject {
  readonly call: (exits: boolean) => PromiseLike<unknown>;
  readonly close: () => unknown;
}

const file = (name: string): string => fileURLToPath(new URL(`workers/${name}`, import.meta.url));

/** By default workers yield to whatever else the machine does, also while they start; those of the peers do not. */
function offloop(
  Pool: typeof ThreadPoolExecutor | typeof ProcessPoolExecutor,
  options: ExecutorOptions = {},
): Subject {
  const pool = new Pool({ maxWorkers: 1, ...options });
  return { call: (exits) => pool.submit(exitOrAnswer, [exits]), close: () => pool.shutdown() };
}

function piscina(): Subject {
  const pool = new Piscina<boolean, number>({
    filename: file("exits-or-answers.js"),
    minThreads: 1,
    maxThreads: 1,
  });
  // It tells of each worker that ends in another way than by its hand.
  pool.on("error", () => {});
  return { call: (exits) => pool.run(exits), close: () => pool.destroy() };
}

function peer(workerType: "thread" | "process"): Subject {
  const pool = workerpool.pool(file("exits-or-answers-workerpool.js"), { maxWorkers: 1, workerType });
  return {
    call: async (exits) => pool.exec<(exits: boolean) => number>("exitOrAnswer", [exits]),
    close: () => pool.terminate(),
  };
}

export async function measure(): Promise<Row[]> {
  return [
    ...(await measureKind("threads", {
      offloop: offloop(ThreadPoolExecutor),
      "offloop, nice 0": offloop(ThreadPoolExecutor, { nice: 0 }),
      piscina: piscina(),
      workerpool: peer("thread"),
    })),
    ...(await measureKind("processes", {
      offloop: offloop(ProcessPoolExecutor),
      "offloop, nice 0": offloop(ProcessPoolExecutor, { nice: 0 }),
      workerpool: peer("process"),
    })),
  ];
}

async function measureKind(kind: string, subjects: Readonly<Record<string, Subject>>): Promise<Row[]> {
  const measured = await interleave(
    Object.fromEntries(
      Object.entries(subjects).map(([name, subject]) => [
        name,
        async () => ({ [`from an exit to the next answer, ${kind}`]: await recover(subject) }),
      ]),
    ),
    { rounds: ROUNDS },
  );
  for (const { close } of Object.values(subjects)) void close();
  return rowsOf(measured, { unit: "ms", ratioTo: "offloop" });
}

async function recover({ call }: Subject): Promise<number> {
  await call(false);
  const startedAt = performance.now();
  const lost = Promise.resolve(call(true)).then(
    () => {
      throw new Error("its worker did not end");
    },
    () => {},
  );
  await lost;
  await call(false);
  return performance.now() - startedAt;
}
