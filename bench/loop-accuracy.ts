/**
 * How wrong a monitor is about how long the loop was blocked. A block that it did not see is wrong by its whole length.
 * under-pressure is not here: it tells no blocks, only the mean of a second.
 */
import { interleave, type Row, rowsOf } from "./harness.ts";
import { start } from "./subjects/loop-monitors.ts";

const subjects = ["offloop", "monitorEventLoopDelay (10 ms)", "blocked-at", "toobusy-js"];

export async function measure(): Promise<Row[]> {
  const rounds = subjects.map((name) => [name, () => errors(name)] as const);
  const measured = await interleave(Object.fromEntries(rounds), { rounds: 5, warmUp: 0 });
  return rowsOf(measured, { unit: "ms", ratioTo: "offloop" });
}

async function errors(name: string): Promise<Record<string, number>> {
  const found = await start(name, "blocks").measured;
  return Object.fromEntries(
    Object.entries(found).map(([ms, error]) => [`error of a block of ${ms} ms`, error]),
  );
}
