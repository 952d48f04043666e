/**
 * The profiler and the memory tracer, with the engine's own samples and a clock of the test's.
 */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { type CpuReport, MemoryTracer, type MemoryReport, Profiler } from "offloop/service";
import { FakeClock } from "offloop/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { warnings, turn } from "../promises.ts";

const run = promisify(execFile);
const root = path.join(import.meta.dirname, "../..");
const kept: unknown[] = [];

const rows = JSON.stringify(Array.from({ length: 200_000 }, (_, n) => ({ n })));

// Few turns: V8 would compile a hot loop on the spot, and no later profile knows such code.
function keepsTheCpu(): void {
  const until = performance.now() + 200;
  while (performance.now() < until) JSON.parse(rows);
}

function keepsMemory(): void {
  for (let count = 0; count < 100_000; count++) kept.push({ count });
}

describe("Profiler", () => {
  test("names the function that was busy, at each interval and at the end", async () => {
    const clock = new FakeClock();
    const reports: CpuReport[] = [];
    const profiler = new Profiler({
      clock,
      intervalMs: 1_000,
      topResults: 1_000,
      onReport: (report) => void reports.push(report),
    });
    profiler.start();
    profiler.start();
    keepsTheCpu();
    await clock.advance(1_000);
    await clock.advance(1_000);
    keepsTheCpu();
    profiler.stop();
    profiler.stop();
    await clock.advance(9_000);
    expect(reports).toHaveLength(3);
    const [first, second, last] = reports.map(({ functions }) =>
      functions.find((one) => one.function === "keepsTheCpu"),
    );
    for (const busy of [first!, last!]) {
      expect(busy.totalMs).toBeGreaterThan(100);
      expect(busy.totalMs).toBeLessThan(10_000);
      expect(busy.file).toContain("watchers.test");
    }
    expect(second).toBeUndefined();
    expect(reports[0]!.busyMs).toBeGreaterThan(100);
    expect(reports[0]!.busyMs).toBeLessThanOrEqual(reports[0]!.durationMs);
  });

  test("can begin again, and two may run at once", () => {
    const seen: string[][] = [[], []];
    const profilers = seen.map(
      (names) =>
        new Profiler({
          topResults: 1_000,
          onReport: ({ functions }) => void names.push(...functions.map((one) => one.function)),
        }),
    );
    for (const profiler of profilers) profiler.start();
    profilers[0]!.stop();
    profilers[0]!.start();
    keepsTheCpu();
    for (const profiler of profilers) profiler.stop();
    for (const names of seen) expect(names).toContain("keepsTheCpu");
  });

  test("a report that fails is a warning, and the next one comes", async () => {
    const seen = warnings();
    const clock = new FakeClock();
    let reports = 0;
    const profiler = new Profiler({
      clock,
      intervalMs: 1_000,
      onReport() {
        reports++;
        throw new Error("no");
      },
    });
    profiler.start();
    await clock.advance(2_000);
    profiler.stop();
    await turn();
    expect(reports).toBe(3);
    expect(seen.map(({ code }) => code)).toEqual(
      Array.from({ length: 3 }, () => "OFFLOOP_WARN_REPORT_FAILED"),
    );
  });

  test("can be ended by its own report", async () => {
    const clock = new FakeClock();
    let reports = 0;
    const profiler = new Profiler({ clock, intervalMs: 1_000, onReport: () => (reports++, profiler.stop()) });
    profiler.start();
    await clock.advance(9_000);
    expect(reports).toBe(1);
  });

  test("prints a table unless told otherwise", () => {
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    onTestFinished(() => write.mockRestore());
    const profiler = new Profiler({ order: "self", topResults: 1 });
    profiler.start();
    keepsTheCpu();
    profiler.stop();
    const text = String(write.mock.calls.flat()[0]);
    expect(text).toMatch(/^Profiler: \d+\.\d s, busy \d+ %, garbage collection \d+ %\n/);
    expect(text).toMatch(/^ +\d+ +\d+ {2}keepsTheCpu \(.*watchers\.test.*:\d+:\d+\)$/m);
    expect(text.trimEnd().split("\n")).toHaveLength(3);
  });

  test("does not hold the process; says so where the inspector is denied", async () => {
    const start = `import { Profiler } from "offloop/service"; new Profiler().start();`;
    await expect(evaluate(start)).resolves.toMatchObject({ stdout: "" });
    const flag = process.allowedNodeEnvironmentFlags.has("--permission")
      ? "--permission"
      : "--experimental-permission";
    await expect(evaluate(start, [flag, "--allow-fs-read=*"])).rejects.toThrow(/ERR_ACCESS_DENIED/);
  });
});

describe("MemoryTracer", () => {
  test("names the function that holds memory, and how it grows", async () => {
    const clock = new FakeClock();
    const reports: MemoryReport[] = [];
    const tracer = new MemoryTracer({
      clock,
      intervalMs: 1_000,
      onReport: (report) => void reports.push(report),
    });
    await Promise.all([tracer.start(), tracer.start()]);
    keepsMemory();
    await clock.advance(1_000);
    keepsMemory();
    tracer.stop();
    tracer.stop();
    kept.length = 0;
    expect(reports.map(({ durationMs }) => durationMs)).toEqual([1_000, 1_000]);
    const [first, last] = reports.map(({ sites }) => sites.find((site) => site.function === "keepsMemory")!);
    expect(first!.file).toContain("watchers.test");
    expect(first!.liveBytes).toBeGreaterThan(1e6);
    expect(last!.liveBytes).toBeGreaterThan(first!.liveBytes);
    expect(last!.growthBytes).toBe(last!.liveBytes - first!.liveBytes);
    expect(last!.liveCount).toBeGreaterThan(0);
    expect(reports[0]!.heapUsedBytes).toBeGreaterThan(first!.liveBytes);
  });

  test("prints a table unless told otherwise; can begin again", async () => {
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    onTestFinished(() => write.mockRestore());
    const tracer = new MemoryTracer();
    for (let time = 0; time < 2; time++) {
      await tracer.start();
      keepsMemory();
      tracer.stop();
    }
    kept.length = 0;
    const texts = write.mock.calls.map(([text]) => String(text));
    expect(texts).toHaveLength(2);
    for (const text of texts) expect(text).toMatch(/^ +\d+ +\d+ +\d+ {2}keepsMemory \(.*watchers\.test/m);
  });

  test("can be ended by its own report", async () => {
    const clock = new FakeClock();
    let reports = 0;
    const tracer = new MemoryTracer({ clock, onReport: () => (reports++, tracer.stop()) });
    await tracer.start();
    await clock.advance(60_000);
    expect(reports).toBe(1);
  });

  test("says which package it needs", async () => {
    const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "offloop-alone-")));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(path.join(folder, "node_modules/offloop"), { recursive: true });
    for (const name of ["package.json", "dist"]) {
      cpSync(path.join(root, name), path.join(folder, "node_modules/offloop", name), { recursive: true });
    }
    writeFileSync(
      path.join(folder, "main.mjs"),
      `import { MemoryTracer } from "offloop/service"; await new MemoryTracer().start();`,
    );
    await expect(run(process.execPath, ["main.mjs"], { cwd: folder })).rejects.toThrow(
      /MemoryTracer needs the package @datadog\/pprof.*npm install @datadog\/pprof/,
    );
  });

  test("stopped before its package was there, it does not begin", async () => {
    const early = new MemoryTracer();
    const starting = early.start();
    early.stop();
    await starting;
    const tracer = new MemoryTracer({ onReport: () => {} });
    await tracer.start(); // somebody else would be sampling
    tracer.stop();
  });
});

test.each([
  [Profiler, { intervalMs: 0 }, RangeError],
  [Profiler, { samplingIntervalMs: 0 }, RangeError],
  [Profiler, { topResults: 1.5 }, RangeError],
  [Profiler, { order: "cumulative" }, TypeError],
  [Profiler, { path: "x" }, TypeError],
  [MemoryTracer, { intervalMs: NaN }, RangeError],
  [MemoryTracer, { samplingIntervalBytes: 1 }, RangeError],
  [MemoryTracer, { groupBy: "line" }, TypeError],
])("%o refuses %o", (Watcher, options, error) => {
  const [key] = Object.keys(options);
  expect(() => new Watcher(options as object)).toThrow(error);
  expect(() => new Watcher(options as object)).toThrow(`option "${key}"`);
});

function evaluate(code: string, args: readonly string[] = []): Promise<{ stdout: string }> {
  return run(process.execPath, ["--no-warnings", ...args, "--input-type=module", "-e", code], { cwd: root });
}
