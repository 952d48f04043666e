/**
 * `npm run bench -- [--json] [file…]`: each file here but this one and the harness is one question. Every file runs in a
 * process of its own, so that none meets the garbage and the compiled code of another.
 */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Row } from "./harness.ts";

const usage = `Usage: npm run bench -- [--json] [file…]

  file     one of: ${known().join(", ")}; all of them unless given
  --json   prints one JSON object instead of tables
  --help   prints this`;

const USAGE_ERROR = 9;

interface Result {
  readonly file: string;
  readonly rows: readonly Row[];
}

const { json, files } = parse(process.argv.slice(2));
const results: Result[] = [];
for (const file of files) results.push(files.length === 1 ? await measure(file) : measureApart(file));

function known(): string[] {
  return readdirSync(import.meta.dirname).filter(
    (name) => name.endsWith(".ts") && !["run.ts", "harness.ts"].includes(name),
  );
}

if (json) {
  console.log(JSON.stringify({ node: process.version, cpus: os.availableParallelism(), files: results }));
} else {
  for (const result of results) console.log(table(result));
}
// A peer that is closed may still hold the process.
process.exit();

function parse(args: readonly string[]): { json: boolean; files: string[] } {
  const chosen: string[] = [];
  for (const arg of args) {
    if (arg === "--help" || arg === "-h") {
      console.log(usage);
      process.exit(0);
    }
    if (arg === "--json") continue;
    if (arg.startsWith("-")) fail(`unknown option ${arg}`);
    const file = `${path.basename(arg).replace(/\.[jt]s$/, "")}.ts`;
    if (!known().includes(file)) fail(`unknown file ${arg}; there are: ${known().join(", ")}`);
    chosen.push(file);
  }
  return { json: args.includes("--json"), files: chosen.length > 0 ? chosen : known() };
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

function table({ file, rows }: Result): string {
  const cells = rows.map((row) => [
    row.case,
    row.subject,
    `${row.median} ${row.unit}`,
    `${row.min} – ${row.max}`,
    String(row.rounds),
    row.ratioTo === undefined ? "" : `${row.ratioTo.value}x ${row.ratioTo.subject}`,
  ]);
  const head = ["case", "subject", "median", "min – max", "rounds", "ratio"];
  const widths = head.map((_, column) => Math.max(...[head, ...cells].map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return `\n### ${file} (Node ${process.version}, ${os.availableParallelism()} CPUs)\n\n${[line(head), rule, ...cells.map(line)].join("\n")}`;
}
