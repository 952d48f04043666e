/**
 * What the parts cost that every call goes through, against the obvious way to do it: a queue against an array's `shift()`, deadlines on one
 * timer against a timer each, 64 calls as one flat list against an object for each (written and read as `postMessage` does).
 */
import { deserialize, serialize } from "node:v8";
import Benchmark from "benchmark";
import { systemClock } from "#internal/core/clock";
import { Deadlines } from "#internal/core/deadlines";
import { Queue } from "#internal/core/queue";
import { interleave, type Row, rowsOf, sized, type Subjects } from "./harness.ts";

const ROUNDS = 7;
const MAX_TIME_S = sized(0.2, 0.001);
/** What waits, or runs with a time limit, all the while. */
const WAITING = sized(100_000, 100);
const RUNNING = sized(1_000, 10);
const FRAME = 64;
const HOUR_MS = 3_600_000;

export async function measure(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [title, { subjects, operations = 1 }] of Object.entries({
    [`queue: in at the end, out at the front, ${WAITING.toLocaleString("en")} wait`]: { subjects: queues() },
    [`time limit: set and stopped, ${RUNNING.toLocaleString("en")} others run`]: { subjects: limits() },
    "message: written and read, per call": { subjects: messages(), operations: FRAME },
  })) {
    const measured = await interleave(turns(title, subjects, operations), { rounds: ROUNDS });
    rows.push(...rowsOf(measured, { unit: "ns", ratioTo: "offloop" }));
  }
  return rows;
}

type Operations = Readonly<Record<string, () => void>>;

function turns(title: string, operations: Operations, perRun: number): Subjects {
  const entries = Object.entries(operations).map(([name, fn]) => {
    const one = new Benchmark(name, fn, { maxTime: MAX_TIME_S, minSamples: 5 });
    return [name, () => Promise.resolve({ [title]: nsOf(one) / perRun })] as const;
  });
  return Object.fromEntries(entries);
}

function nsOf(benchmark: Benchmark): number {
  const { error, stats } = benchmark.run() as Benchmark & { error?: Error };
  if (error !== undefined) throw error;
  return stats.mean * 1e9;
}

function queues(): Operations {
  const item = {};
  const queue = new Queue<object>(() => {});
  const list: object[] = [];
  for (let n = 0; n < WAITING; n++) {
    queue.push(item);
    list.push(item);
  }
  return {
    offloop: () => {
      queue.push(item);
      queue.shift();
    },
    "Array#shift": () => {
      list.push(item);
      list.shift();
    },
  };
}

function limits(): Operations {
  const deadlines = new Deadlines(systemClock);
  const expire = (): void => {};
  for (let n = 0; n < RUNNING; n++) deadlines.after(HOUR_MS + n, expire);
  return {
    offloop: () => deadlines.after(HOUR_MS, expire).stop(),
    "setTimeout for each": () => clearTimeout(setTimeout(expire, HOUR_MS)),
  };
}

function messages(): Operations {
  const calls = Array.from({ length: FRAME }, (_, id) => ({ type: "call", id, functionId: 1, args: [id] }));
  const frame = calls.flatMap(({ id, functionId, args }) => [id, functionId, args.length, ...args]);
  return {
    offloop: () => void deserialize(serialize(frame)),
    "an object for each": () => {
      for (const call of calls) deserialize(serialize(call));
    },
  };
}
