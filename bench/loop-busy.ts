/**
 * What a monitor costs a busy HTTP server: CPU time of its main thread for a request.
 */
import { once } from "node:events";
import { createRequire } from "node:module";
import { interleave, type Row, rowsOf, sized } from "./harness.ts";
import { start } from "./subjects/loop-monitors.ts";

// It has no types.
const autocannon = createRequire(import.meta.url)("autocannon") as (options: {
  url: string;
  connections: number;
  duration: number;
}) => Promise<unknown>;

const subjects = [
  "none",
  "offloop",
  "monitorEventLoopDelay (10 ms)",
  "blocked-at",
  "toobusy-js",
  "under-pressure",
];

export async function measure(): Promise<Row[]> {
  const rounds = subjects.map((name) => [name, () => perRequest(name)] as const);
  const measured = await interleave(Object.fromEntries(rounds), { rounds: 15, warmUp: 1 });
  return rowsOf(measured, { unit: "µs", ratioTo: "none" });
}

async function perRequest(name: string): Promise<Record<string, number>> {
  const { child, measured } = start(name, "serve");
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  const url = `http://localhost:${port}`;
  // The engine compiles first.
  await autocannon({ url, connections: 16, duration: 1 });
  child.send("begin");
  await autocannon({ url, connections: 16, duration: sized(2, 1) });
  child.send("end");
  const { microseconds } = await measured;
  return { "main thread per request": microseconds! };
}
