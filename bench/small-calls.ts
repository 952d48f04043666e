/**
 * Many small calls at once: how long until all are answered, and how much of that the main thread works. Two workers each.
 */
import { interleave, mainThreadMs, mainThreadTime, type Row, rowsOf, sized } from "./harness.ts";
import { processes } from "./subjects/processes.ts";
import type { Subject } from "./subjects/raw.ts";
import { threads } from "./subjects/threads.ts";

const WORKERS = 2;
const ROUNDS = 5;
const AT_ONCE = sized([1_000, 20_000, 100_000], [200]);
/** A million takes the peers minutes a round, and piscina more heap than Node has by default. */
const MOST = sized(1_000_000, 400);
const TAKE_MOST = ["raw frames of 64", "raw postMessage", "raw fork", "offloop", "offloop, nice 0"];

export async function measure(): Promise<Row[]> {
  return [
    ...(await measureKind("threads", threads(WORKERS), AT_ONCE)),
    ...(await measureMost("threads", threads(WORKERS))),
    ...(await measureKind("processes", processes(WORKERS), AT_ONCE)),
    ...(await measureMost("processes", processes(WORKERS))),
  ];
}

function measureMost(kind: string, all: Make): Promise<Row[]> {
  const some = Object.entries(all).filter(([name]) => TAKE_MOST.includes(name));
  return measureKind(`${kind} (not the peers, which take minutes)`, Object.fromEntries(some), [MOST]);
}

type Make = Readonly<Record<string, () => Subject>>;

async function measureKind(kind: string, make: Make, atOnce: readonly number[]): Promise<Row[]> {
  const subjects = Object.entries(make).map(([name, one]) => [name, one()] as const);
  const round = async (subject: Subject): Promise<Record<string, number>> => {
    const measures: Record<string, number> = {};
    for (const count of atOnce) {
      const { calls, mainMs } = await callAtOnce(subject, count);
      const title = `${count.toLocaleString("en")} calls at once, ${kind}`;
      measures[title] = (calls * 1_000) / count;
      measures[`${title}: ${mainThreadTime}`] = (mainMs * 1_000) / count;
    }
    return measures;
  };
  const measured = await interleave(
    Object.fromEntries(subjects.map(([name, subject]) => [name, () => round(subject)])),
    { rounds: ROUNDS },
  );
  for (const [, { close }] of subjects) void close();
  return rowsOf(measured, { unit: "µs a call", ratioTo: "offloop" });
}

async function callAtOnce({ call }: Subject, count: number): Promise<{ calls: number; mainMs: number }> {
  await call(0);
  // What the subject before has left to collect is not this one's.
  globalThis.gc?.();
  const workedBefore = mainThreadMs();
  const startedAt = performance.now();
  const results = await Promise.all(Array.from({ length: count }, (_, n) => call(n)));
  const calls = performance.now() - startedAt;
  const mainMs = mainThreadMs() - workedBefore;
  if (results.some((result, n) => result !== n + 1)) throw new Error("a wrong answer");
  return { calls, mainMs };
}
