/**
 * What a monitor costs a program that does nothing: CPU time of the whole process, in percent of a core.
 */
import { interleave, type Row, rowsOf } from "./harness.ts";
import { all, start } from "./subjects/loop-monitors.ts";

export async function measure(): Promise<Row[]> {
  const subjects = all.map((name) => [name, () => idle(name)] as const);
  const measured = await interleave(Object.fromEntries(subjects), { rounds: 3, warmUp: 0 });
  return rowsOf(measured, { unit: "% of a core", ratioTo: "monitorEventLoopDelay (10 ms)" });
}

async function idle(name: string): Promise<Record<string, number>> {
  const { percent } = await start(name, "idle").measured;
  return { "an idle program": percent! };
}
