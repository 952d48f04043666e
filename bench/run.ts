/**
 * `npm run bench -- [--json] [--svg dir] [--quick] [file…]`: each file here but this one and the harness is one question. Every file
 * runs in a process of its own, so that none meets the garbage and the compiled code of another.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Row } from "./harness.ts";
import { plotOf } from "./report/plot.ts";
import { tableOf } from "./report/table.ts";

const usage = `Usage: npm run bench -- [--json] [--svg dir] [--quick] [file…]

  file       one of: ${known().join(", ")}; all of them unless given
  --json     prints one JSON object instead of tables
  --svg dir  also writes a plot of each file to that folder
  --quick    tiny sizes, one round: shows that it runs, and measures nothing
  --help     prints this`;

const USAGE_ERROR = 9;

export interface Result {
  readonly file: string;
  readonly rows: readonly Row[];
}

export interface Machine {
  readonly node: string;
  readonly cpus: number;
  readonly model: string;
}

const { json, svg, files } = parse(process.argv.slice(2));
const machine = {
  node: process.version,
  cpus: os.availableParallelism(),
  model: os.cpus()[0]?.model ?? "unknown",
};
const results: Result[] = [];
for (const file of files) results.push(files.length === 1 ? await measure(file) : measureApart(file));

function known(): string[] {
  return readdirSync(import.meta.dirname).filter(
    (name) => name.endsWith(".ts") && !["run.ts", "harness.ts"].includes(name),
  );
}

if (json) {
  console.log(JSON.stringify({ ...machine, files: results }));
} else {
  for (const result of results) console.log(tableOf(result, machine));
}
if (svg !== undefined) {
  mkdirSync(svg, { recursive: true });
  for (const result of results) {
    writeFileSync(path.join(svg, result.file.replace(/ts$/, "svg")), plotOf(result, machine));
  }
}
// A peer that is closed may still hold the process.
process.exit();

function parse(args: string[]): { json: boolean; svg: string | undefined; files: string[] } {
  const { values, positionals } = given(args);
  if (values.help === true) {
    console.log(usage);
    process.exit(0);
  }
  // Here and in the processes of its own that a file starts.
  if (values.quick === true) process.env["OFFLOOP_BENCH_QUICK"] = "1";
  const chosen = positionals.map((name) => {
    const file = `${path.basename(name).replace(/\.[jt]s$/, "")}.ts`;
    if (!known().includes(file)) fail(`unknown file ${name}; there are: ${known().join(", ")}`);
    return file;
  });
  return { json: values.json === true, svg: values.svg, files: chosen.length > 0 ? chosen : known() };
}

function given(args: string[]) {
  const flag = { type: "boolean" } as const;
  const options = {
    json: flag,
    quick: flag,
    svg: { type: "string" },
    help: { ...flag, short: "h" },
  } as const;
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    return fail((error as Error).message);
  }
}

function fail(problem: string): never {
  console.error(`bench: ${problem}`);
  process.exit(USAGE_ERROR);
}

async function measure(file: string): Promise<Result> {
  const question = (await import(new URL(file, import.meta.url).href)) as { measure(): Promise<Row[]> };
  return { file, rows: await question.measure() };
}

function measureApart(file: string): Result {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), "--json", file];
  const output = execFileSync(process.execPath, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 2 ** 26,
  });
  return (JSON.parse(output) as { files: [Result] }).files[0];
}
