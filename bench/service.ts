/**
 * What a profiler and a memory tracer cost the loop that they watch: a program that is always busy, in turns of about 20 ms
 * with deep stacks, with and without them. The longest turn holds a report and the reading of samples.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setImmediate } from "node:timers/promises";
import { MemoryTracer, Profiler } from "offloop/service";
import { parse } from "acorn";
import { interleave, type Row, rowsOf, sized } from "./harness.ts";

const ROUNDS = 7;
const TURN_MS = sized(2_000, 100);
const REPORT_EVERY_MS = sized(500, 50);

interface Watcher {
  start(): unknown;
  stop(): void;
}

const source = readFileSync(createRequire(import.meta.url).resolve("acorn"), "utf8");

export async function measure(): Promise<Row[]> {
  const onReport = (): void => {};
  const watchers: Readonly<Record<string, () => Watcher>> = {
    nothing: () => ({ start() {}, stop() {} }),
    Profiler: () => new Profiler({ intervalMs: REPORT_EVERY_MS, onReport }),
    MemoryTracer: () => new MemoryTracer({ intervalMs: REPORT_EVERY_MS, onReport }),
  };
  const subjects = Object.entries(watchers).map(([name, make]) => [name, () => round(make())] as const);
  const measured = await interleave(Object.fromEntries(subjects), { rounds: ROUNDS });
  const rows = rowsOf(measured, { unit: "ms", ratioTo: "nothing" });
  // Nothing starts in no time: a ratio would say nothing.
  return rows.map(({ ratioTo, ...row }) =>
    row.case === "start" || ratioTo === undefined ? row : { ...row, ratioTo },
  );
}

async function round(watcher: Watcher): Promise<Record<string, number>> {
  const startedAt = performance.now();
  await watcher.start();
  const begunAt = performance.now();
  let turns = 0;
  let longest = 0;
  for (let at = begunAt, now = begunAt; now < begunAt + TURN_MS; at = now) {
    parse(source, { ecmaVersion: "latest" });
    await setImmediate();
    now = performance.now();
    longest = Math.max(longest, now - at);
    turns++;
  }
  const mean = (performance.now() - begunAt) / turns;
  watcher.stop();
  return { start: begunAt - startedAt, "a turn": mean, "the longest turn": longest };
}
