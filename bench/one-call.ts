/**
 * What one lone call costs: the next one begins when the one before is answered, as in a service that is not busy.
 */
import { interleave, mainThreadMs, mainThreadTime, type Row, rowsOf, sized } from "./harness.ts";
import type { Subject } from "./subjects/raw.ts";
import { threads } from "./subjects/threads.ts";

const ROUNDS = 15;
// 2 000 calls a round.
const TURNS = 20;
const CALLS = sized(100, 10);

export async function measure(): Promise<Row[]> {
  // One message a call is what a lone call needs.
  const { "raw frames of 64": _, ...all } = threads(1);
  const subjects = Object.entries(all).map(([name, make]) => [name, make()] as const);
  const measured = await interleave(
    Object.fromEntries(subjects.map(([name, subject]) => [name, () => turn(subject)])),
    { rounds: ROUNDS, turns: TURNS, warmUp: 2 },
  );
  for (const [, { close }] of subjects) void close();
  return rowsOf(measured, { unit: "µs", ratioTo: "piscina" });
}

async function turn({ call }: Subject): Promise<Record<string, number>> {
  // What the others left in the loop, and in their workers, is not this one's.
  await call(0);
  const workedBefore = mainThreadMs();
  const startedAt = performance.now();
  for (let n = 0; n < CALLS; n++) {
    if ((await call(n)) !== n + 1) throw new Error("a wrong answer");
  }
  const elapsed = performance.now() - startedAt;
  const worked = mainThreadMs() - workedBefore;
  return {
    "a lone call, from call to answer": (elapsed * 1_000) / CALLS,
    [`a lone call, ${mainThreadTime}`]: (worked * 1_000) / CALLS,
  };
}
