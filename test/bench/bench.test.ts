/**
 * Each bench runs and has a row of every subject in every case, and the runner prints what it promises. Nothing is measured here.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Row } from "../../bench/harness.ts";

const root = path.join(import.meta.dirname, "../..");
const own = ["offloop", "offloop, nice 0"];
const raw = ["raw frames of 64", "raw postMessage"];
const rawChildren = ["raw frames of 64", "raw fork"];
const peers = ["piscina", "tinypool", "workerpool", "poolifier"];
const monitors = ["offloop", "monitorEventLoopDelay (10 ms)", "blocked-at", "toobusy-js", "under-pressure"];

/** By file, by a part of the case's title: the subjects. The first that fits counts. */
const expected: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "cold-start": {
    threads: ["raw worker", ...own, "offloop, runInExecutor", "offloop, threaded", ...peers],
    processes: ["offloop, processes", "tinypool, processes", "workerpool, processes"],
  },
  "cpu-scaling": { calls: ["raw workers", ...own, ...peers] },
  fairness: {
    p99: ["offloop", "piscina"].flatMap((name) => [
      `${name}, the long one first`,
      `${name}, the long one in the middle`,
    ]),
  },
  http: {
    "time for each": ["inline", "piscina", "offloop"],
    "/ping": ["idle server", "inline", "piscina", "offloop"],
  },
  "loop-accuracy": { error: monitors.slice(0, 4) },
  "loop-busy": { request: ["none", ...monitors] },
  "loop-idle": { idle: ["none", ...monitors] },
  "loop-percentiles": { p99: monitors.filter((name) => name !== "blocked-at") },
  micro: {
    queue: ["offloop", "Array#shift"],
    "time limit": ["offloop", "setTimeout for each"],
    message: ["offloop", "an object for each"],
  },
  niceness: {
    "": [...own, "offloop, a worker fewer", "offloop, nice 0, a worker fewer"],
  },
  "one-call": { lone: ["raw postMessage", ...own, ...peers, "comlink"] },
  payloads: { "": ["raw postMessage", ...own, "piscina"] },
  "queued-memory": { queued: ["offloop", "piscina"] },
  recovery: {
    threads: [...own, "piscina", "workerpool"],
    processes: [...own, "workerpool"],
  },
  service: { "": ["nothing", "Profiler", "MemoryTracer"] },
  "small-calls": {
    "threads (not the peers": [...raw, ...own],
    threads: [...raw, ...own, ...peers, "comlink"],
    "processes (not the peers": [...rawChildren, ...own],
    processes: [...rawChildren, ...own, "tinypool", "workerpool"],
  },
  streams: { slowly: ["offloop"], numbers: ["raw frames", "offloop"] },
  travel: {
    "": [
      "by reference, exported",
      "by reference, wrapped",
      "by value, captures nothing",
      "by value, captures a constant",
      "by value, captures a list",
      "by value, a new closure each time",
    ],
  },
};

interface Results {
  readonly node: string;
  readonly cpus: number;
  readonly files: readonly { readonly file: string; readonly rows: readonly Row[] }[];
}

let plots: string;
beforeAll(async () => {
  plots = await mkdtemp(path.join(tmpdir(), "offloop-plots-"));
});
afterAll(() => rm(plots, { recursive: true }));

async function bench(...args: string[]): Promise<{ stdout: string }> {
  const command = ["--import", "tsx", "bench/run.ts", ...args];
  return promisify(execFile)(process.execPath, command, { cwd: root, maxBuffer: 2 ** 26 });
}

describe("bench", () => {
  test("every file is looked at here", async () => {
    const files = (await readdir(path.join(root, "bench"))).filter((name) => name.endsWith(".ts"));
    const questions = files.filter((name) => !["run.ts", "harness.ts"].includes(name));
    expect(Object.keys(expected).toSorted()).toEqual(questions.map((name) => name.slice(0, -3)).toSorted());
  });

  // They take three minutes: `npm run bench:check`.
  const names = process.env["OFFLOOP_BENCHES"] === "all" ? Object.keys(expected) : ["one-call", "streams"];

  test.each(names)("%s has a row of each subject", { timeout: 180_000 }, async (name) => {
    const { stdout } = await bench("--quick", "--json", "--svg", plots, name);
    const results = JSON.parse(stdout) as Results;
    expect(results).toMatchObject({ node: process.version, cpus: expect.any(Number) as number });
    expect(results.files.map(({ file }) => file)).toEqual([`${name}.ts`]);
    const { rows } = results.files[0]!;
    expect(rows.length).toBeGreaterThan(0);
    for (const [title, subjects] of subjectsByCase(rows)) {
      const part = Object.keys(expected[name]!).find((one) => title.includes(one));
      expect(part, title).toBeDefined();
      expect(subjects.toSorted(), title).toEqual(expected[name]![part!]!.toSorted());
    }
    for (const row of rows) {
      expect(row.unit).not.toBe("");
      expect(row.min).toBeLessThanOrEqual(row.median);
      expect(row.median).toBeLessThanOrEqual(row.max);
      expect(row.rounds).toBe(1);
    }
    const svg = await readFile(path.join(plots, `${name}.svg`), "utf8");
    expect(svg.match(/<rect /g)).toHaveLength(rows.length);
  });

  test("a table for people", { timeout: 180_000 }, async () => {
    const { stdout } = await bench("--quick", "queued-memory");
    expect(stdout).toMatch(/### queued-memory.ts \(Node v[\d.]+, \d+ CPUs, .*\)\n\n\| case/);
    expect(stdout).toMatch(/\| 1,000 queued calls +\| offloop +\| [\d.]+ bytes a call +\|/);
  });

  test.each([["--no-such"], ["no-such-file"], ["--svg"]])("refuses %s", async (arg) => {
    await expect(bench(arg)).rejects.toMatchObject({ code: 9 });
  });
});

function subjectsByCase(rows: readonly Row[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const row of rows) groups.set(row.case, [...(groups.get(row.case) ?? []), row.subject]);
  return groups;
}
