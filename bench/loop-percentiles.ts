/**
 * Whether a monitor's p99 is what somebody waits: blocks of 8 ms each 40 ms and of 300 ms each 1.5 s, while another thread sends a
 * message each 4 ms and notes how long it took. 1 is the truth; what a monitor tells as its one number stands for its p99. blocked-at
 * is not here: it tells blocks, and no lag.
 */
import { interleave, type Row, rowsOf } from "./harness.ts";
import { start } from "./subjects/loop-monitors.ts";

const subjects = ["offloop", "monitorEventLoopDelay (10 ms)", "toobusy-js", "under-pressure"];

export async function measure(): Promise<Row[]> {
  const rounds = subjects.map((name) => [name, () => p99(name)] as const);
  const measured = await interleave(Object.fromEntries(rounds), { rounds: 5, warmUp: 0 });
  return rowsOf(measured, { unit: "of the true p99", ratioTo: "offloop" });
}

async function p99(name: string): Promise<Record<string, number>> {
  const { told, truth } = await start(name, "lag").measured;
  return { "p99 of the lag": told! / truth! };
}
