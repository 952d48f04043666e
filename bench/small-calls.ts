/**
 * Many small calls at once: how long until all are answered, and how much of that the main thread works. Two workers each.
 */
import { interleave, mainThreadMs, mainThreadTime, type Row, rowsOf } from "./harness.ts";
import { processes } from "./subjects/processes.ts";
import type { Subject } from "./subjects/raw.ts";
import { threads } from "./subjects/threads.ts";

const WORKERS = 2;
const ROUNDS = 5;
/** Threads take all; processes, which take longer to move as much, the first. */
const AT_ONCE = [20_000, 100_000];

export async function measure(): Promise<Row[]> {
  return [
    ...(await measureKind("threads", threads(WORKERS), AT_ONCE)),
    ...(await measureKind("processes", processes(WORKERS), AT_ONCE.slice(0, 1))),
  ];
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
