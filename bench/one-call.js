/**
 * What one lone call costs: the next one begins when the one before is answered, as in a service that is not busy.
 */
import { interleave, mainThreadMs, mainThreadTime, rowsOf } from "./harness.js";
import { threads } from "./subjects/threads.js";

const ROUNDS = 15;
const CALLS = 2_000;

export async function measure() {
  const subjects = Object.entries(threads).map(([name, make]) => [name, make()]);
  const measured = await interleave(
    Object.fromEntries(subjects.map(([name, subject]) => [name, () => round(subject)])),
    { rounds: ROUNDS, warmUp: 2 },
  );
  for (const [, { close }] of subjects) void close();
  return rowsOf(measured, { unit: "µs", ratioTo: "piscina" });
}

/** @param {import("./subjects/threads.js").Subject} subject */
async function round({ call }) {
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
