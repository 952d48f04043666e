import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { writeAll } from "#internal/cli/output";
import type { Stall } from "offloop";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isCause, type Ended, lines, run, runNode, stallsOf } from "../loop/programs.ts";

const root = join(import.meta.dirname, "../..");
const cli = join(root, "dist/src/cli/main.js");
const program = join(root, "test/fixtures/loop/program.mjs");
const cases = join(root, "examples/stalls/cases.js");

/** In this order, for those who read with their eyes. */
const SUMMARY_KEYS = ["type", "windows", "threadpoolLag", "stalls", "advice"];

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "offloop-cli-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const offloop = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  runNode([cli, ...args], env);

describe("a mistake is one line and a code of its own", () => {
  test.each([
    [[], 9, "no command"],
    [["wach", program], 9, 'unknown command "wach"'],
    [["watch"], 9, "no script"],
    [["watch", "--json"], 9, "no script"],
    [["watch", "--"], 9, "no script"],
    [["watch", "--treshold", "5", program], 9, "unknown option --treshold"],
    [["watch", "--report"], 9, "--report needs a value"],
    [["watch", "--report", "a", "--out", "a", program], 9, "a file each"],
    [["watch", "--report", "/no/such/folder/a.html", program], 1, "cannot write to"],
    [["watch", "--threshold", "abc", program], 9, "--threshold must be"],
    [["watch", "--threshold=-5", program], 9, "--threshold must be"],
    [["watch", "--threshold"], 9, "--threshold needs a value"],
    [["watch", "--json=yes", program], 9, "--json takes no value"],
    [["watch", "no-such-script.js"], 1, "cannot find the script"],
    [["watch", "--out", "/no/such/folder/out.jsonl", program], 1, "cannot write to"],
  ])("%j", async (args, code, said) => {
    const ended = await offloop(args);
    expect(ended).toMatchObject({ code, stdout: "" });
    expect(ended.stderr).toContain(said);
    expect(ended.stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test("the permission model, which forbids to start the program", async () => {
    const [major = 0] = process.versions.node.split(".").map(Number);
    const permission = major < 22 ? "--experimental-permission" : "--permission";
    const { code, stderr } = await offloop(["watch", program, "block"], {
      NODE_OPTIONS: `${permission} --allow-fs-read=* --no-warnings`,
    });
    expect({ code, lines: stderr.trimEnd().split("\n") }).toEqual({
      code: 1,
      lines: [expect.stringMatching(/^offloop: cannot start the program: /)],
    });
  });

  test.skipIf(process.platform === "win32")("too few open files to start the program", async () => {
    const preload = pathToFileURL(join(root, "test/fixtures/loop/few-descriptors.mjs")).href;
    const command = [
      "ulimit -n 120; exec",
      process.execPath,
      "--import",
      preload,
      cli,
      "watch",
      program,
      "echo",
    ];
    for (const left of [0, 1, 2, 3]) {
      const { code, stderr } = await run("sh", ["-c", command.join(" ")], { LEFT: String(left) });
      expect({ code, said: stderr.trimEnd().split("\n") }, `${left} left`).toEqual({
        code: 1,
        said: [expect.stringMatching(/^offloop: cannot start the program: .*EMFILE/)],
      });
    }
    expect(await run("sh", ["-c", command.join(" ")], { LEFT: "20" })).toMatchObject({ code: 5 });
  });

  test("TypeScript without anything that runs it", async () => {
    const script = join(folder, "app.tsx");
    writeFileSync(script, "export {};");
    const { code, stderr } = await offloop(["watch", script]);
    expect(code).toBe(1);
    expect(stderr).toContain("install tsx");
  });

  test("--help is none", async () => {
    for (const args of [["--help"], ["watch", "--help"]]) {
      const { code, stdout, stderr } = await offloop(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toContain("--threshold");
    }
  });
});

describe("the program is as it would be alone", () => {
  test("its arguments, its options and its exit code", async () => {
    const { code, stdout } = await offloop([
      "watch",
      "--json",
      program,
      "echo",
      "--json",
      "--threshold",
      "x",
    ]);
    expect(code).toBe(5);
    expect(JSON.parse(stdout)).toEqual({
      argv: ["echo", "--json", "--threshold", "x"],
      execArgv: [],
      variable: null,
      send: "undefined",
      forked: [],
    });
  });

  test("what it throws", async () => {
    const { code, stderr } = await offloop(["watch", "--json", program, "throw"]);
    expect(code).toBe(1);
    expect(stderr).toContain("Error: mine");
    expect(lines(stderr).at(-1)).toMatchObject({ type: "summary", stalls: {} });
    expect(Object.keys(lines(stderr).at(-1)!)).toEqual(SUMMARY_KEYS);
  });

  test("how it is killed; the summary is made of what was seen", async () => {
    const { code, signal, stderr } = await offloop(["watch", "--json", program, "kill"]);
    expect({ code, signal }).toEqual({ code: null, signal: "SIGKILL" });
    // A busy machine may make one of the start as well.
    const causes = stallsOf(stderr).map(({ cause }) => cause);
    const summary = lines(stderr).at(-1)!;
    expect(summary["advice"]).toContainEqual(
      expect.objectContaining({ culprit: expect.objectContaining({ function: "spin" }) as object, count: 1 }),
    );
    expect(Object.keys(summary["stalls"] as object).toSorted()).toEqual([...new Set(causes)].toSorted());
    expect((summary["windows"] as { turns: number }[])[1]!.turns).toBeGreaterThan(0);
    expect((summary["threadpoolLag"] as { count: number }).count).toBeGreaterThan(0);
    expect(Object.keys(summary)).toEqual(SUMMARY_KEYS);
  });

  test.each([["text"], ["json"]])("also in the middle of a stall, as %s: that is one", async (format) => {
    const out = join(folder, `killed.${format}`);
    const options = ["--out", out, ...(format === "json" ? ["--json"] : [])];
    const child = spawn(process.execPath, [cli, "watch", ...options, program, "hang"], { stdio: "pipe" });
    await once(child.stdout, "data");
    // Until it is blocked, and seen to be: that is told, from a second on. Its start may have been as long.
    while (!/still blocked.* by spin |"blocked".*"function":"spin"/.test(readFileSync(out, "utf8"))) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    child.kill("SIGTERM");
    const [, signal] = (await once(child, "close")) as [number, string];
    expect(signal).toBe("SIGTERM");
    const text = readFileSync(out, "utf8");
    if (format === "text") {
      const [, counted = ""] = /^Stalls: (.*)$/m.exec(text)!;
      const sum = [...counted.matchAll(/\d+/g)].reduce((stalls, [count]) => stalls + Number(count), 0);
      // A busy machine may make others, which have ended.
      expect(sum).toBe((text.match(/ blocked for /g) ?? []).length + 1);
      return expect(text).toMatch(/^ {2}spin \(.* in 1 stall,/m);
    }
    const summary = lines(text).at(-1)!;
    expect(Object.keys(summary["stalls"] as object)).not.toEqual([]);
    expect(summary["advice"]).toContainEqual(
      expect.objectContaining({ culprit: expect.objectContaining({ function: "spin" }) as object, count: 1 }),
    );
    expect(Object.keys(summary)).toEqual(SUMMARY_KEYS);
    expect((summary["windows"] as { lag: { max: number } }[])[2]!.lag.max).toBeGreaterThan(500);
  });

  test("a signal reaches it, and it may take its time", async () => {
    const child = spawn(process.execPath, [cli, "watch", "--json", program, "wait"], { stdio: "pipe" });
    const stderr = collect(child);
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    const [code] = (await once(child, "close")) as [number];
    expect(code).toBe(7);
    expect(lines(stderr()).at(-1)).toMatchObject({ type: "summary" });
  });

  test("also when children of its own live on", async () => {
    const { code, stdout } = await offloop(["watch", "--json", program, "leaves-child"]);
    expect(code).toBe(0);
    process.kill(Number(stdout), "SIGKILL");
  });

  test("TypeScript runs through tsx", async () => {
    const script = join(root, "test/.tmp-cli.ts");
    writeFileSync(
      script,
      `enum Ms { Long = 800 }
// A comment that the compiler drops.
interface Row { id: number }
function crunch(rows: Row[]): number {
  const end = performance.now() + Ms.Long;
  while (performance.now() < end) rows.length;
  return rows.length;
}
setTimeout(() => void crunch([]), 300);
`,
    );
    try {
      const { code, stderr } = await offloop(["watch", "--json", script]);
      expect(code).toBe(0);
      const stall = stallsOf(stderr).find(({ culprit }) => culprit?.function === "crunch");
      expect(stall!.culprit).toMatchObject({ file: script, line: 6 });
    } finally {
      rmSync(script);
    }
  });
});

function collect(child: ChildProcess): () => string {
  let text = "";
  child.stderr!.setEncoding("utf8").on("data", (part: string) => (text += part));
  return () => text;
}

describe("as text", () => {
  test("stalls as they end, then the summary; no colours where nobody looks", async () => {
    const { stderr } = await offloop(["watch", program, "block"]);
    expect(stderr).toMatch(/offloop event loop blocked for \d+ ms by spin \(/);
    expect(stderr).toMatch(/> spin \(.*program\.mjs:\d+:\d+\) {2}\d+ %/);
    expect(stderr).toContain("offloop: summary");
    expect(stderr).toMatch(/ last +lag p50 +p90 +p99 +max +mean +loop busy +turns\n/);
    expect(stderr).toContain("export const spin = threaded(function spin(…) { … });");
    expect(stderr).not.toContain("\u001B");
  });

  test("says that there was nothing", async () => {
    const { stderr } = await offloop(["watch", "--threshold", "60000", program, "block"]);
    expect(stderr).toContain("No stalls.");
  });
});

test("--json --out: whole lines in the file, nothing but the program's own on the terminal", async () => {
  const out = join(folder, "out.jsonl");
  const { code, stderr } = await offloop([
    "watch",
    "--threshold",
    "50",
    "--json",
    "--out",
    out,
    program,
    "block",
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "blocked\n" });
  const records = readFileSync(out, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string });
  expect(records.at(-1)).toMatchObject({
    type: "summary",
    windows: [{ ms: 1_000 }, { ms: 10_000 }, { ms: 60_000 }],
  });
  expect(records.filter(({ type }) => type === "stall").length).toBeGreaterThan(0);
});

test.each([["--json"], ["--report"]])(
  "what a program writes to our descriptor is no record, and hides none: %s",
  async (option) => {
    const options = option === "--json" ? [option] : [option, join(folder, "nonsense.html")];
    const { code, stderr } = await offloop(["watch", ...options, program, "writes-to-3"]);
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/undefined|NaN/);
    if (option === "--report") return expect(stderr).toMatch(/offloop: summary(.|\n)* spin \(/);
    expect(stallsOf(stderr).some(({ culprit }) => culprit?.function === "spin")).toBe(true);
    expect(lines(stderr).at(-1)).toMatchObject({ type: "summary", windows: [{}, {}, {}] });
  },
);

describe.runIf(process.platform === "linux")("a disk that is full", () => {
  test.each(["--out", "--report"])("under %s: one line, and no success", async (option) => {
    const { code, stderr } = await offloop(["watch", "--json", option, "/dev/full", program, "block"]);
    expect(code).toBe(1);
    const said = stderr
      .split("\n")
      .filter((line) => line !== "" && line !== "blocked" && !line.startsWith("{"));
    expect(said).toEqual([expect.stringMatching(/^offloop: cannot write to \/dev\/full: ENOSPC/)]);
  });

  test("does not change how the program ends otherwise", async () => {
    const { code } = await offloop(["watch", "--out", "/dev/full", program, "echo"]);
    expect(code).toBe(5);
  });
});

test.skipIf(process.platform === "win32")("a reader that is slow gets everything", async () => {
  const fifo = join(folder, "slow");
  execFileSync("mkfifo", [fifo]);
  const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
  const copy = join(folder, "copy");
  const copyFd = openSync(copy, "w");
  // A process of its own: this one is held until the reader has taken all but what the pipe holds.
  const reader = spawn("cat", [fifo], { stdio: ["ignore", copyFd, "inherit"] });
  const exit = once(reader, "exit");
  const text = `${"x".repeat(99)}\n`.repeat(20_000);
  writeAll(fd, text);
  // The reader may not have opened it yet; it holds the end of the pipe until then.
  while (readFileSync(copy).length < text.length) await new Promise((resolve) => setImmediate(resolve));
  closeSync(fd);
  await exit;
  closeSync(copyFd);
  expect(readFileSync(copy, "latin1")).toBe(text);
});

describe("the cases of examples/stalls", () => {
  test.each<[string, string[], number, string?]>([
    ["chainPromises", ["microtask-starvation"], 400],
    ["churnGarbage", ["gc", "sync-js"], 600],
    ["countPrimes", ["sync-js"], 1_500],
    ["deriveKey", ["native-cpu"], 100, "pbkdf2Sync"],
    ["floodTicks", ["nexttick-starvation"], 400],
    ["matchBadPattern", ["sync-js"], 400, "test"],
    ["parseBigText", ["native-cpu", "sync-js", "gc"], 100],
    ["readManyFiles", ["sync-js"], 400],
    ["runCommand", ["native-wait"], 400, "execSync"],
    ["sortRows", ["sync-js", "gc"], 100],
  ])("%s", async (name, causes, leastMs, nativeCall) => {
    const script = join(root, "examples/stalls/main.js");
    const { code, stdout, stderr } = await offloop(["watch", "--json", script, name]);
    expect(code).toBe(0);
    const { ms } = JSON.parse(stdout) as { ms: number };
    const stall = stallsOf(stderr).find(({ culprit }) => culprit?.function === name);
    expect(stall, stderr).toBeDefined();
    expect(stall!.culprit!.file).toBe(cases);
    expect(readFileSync(cases, "utf8").split("\n")[stall!.culprit!.line - 1]).toMatch(/\S/);
    if (nativeCall !== undefined) expect(stall!.culprit!.nativeCall).toBe(nativeCall);
    expect(isCause(stall!, ...causes), stall!.cause).toBe(true);
    expect(stall!.durationMs).toBeGreaterThanOrEqual(Math.min(leastMs, ms));
    if (name !== "countPrimes") return;
    const live = lines(stderr).filter(({ type }) => type === "blocked") as unknown as Stall[];
    const own = live.filter(({ culprit }) => culprit?.function === name && culprit.file === cases);
    expect(own.length).toBeGreaterThan(0);
    // Told after a second, and each time that it has lasted twice as long.
    expect(own.length).toBeLessThanOrEqual(1 + Math.log2(stall!.durationMs / 1_000));
  });
});

describe("offloop/register", () => {
  test("writes stalls to stderr, without a change to the program", async () => {
    const { code, stderr } = await runNode(["--import", "offloop/register", program, "block"]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^offloop: event loop blocked for \d+ ms by spin/m);
  });
});
