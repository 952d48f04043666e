/**
 * `npm run bench -- [--json] [file…]`: each file here but this one and the harness is one question. Every file runs in a
 * process of its own, so that none meets the garbage and the compiled code of another.
 */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const usage = `Usage: npm run bench -- [--json] [file…]

  file     one of: ${known().join(", ")}; all of them unless given
  --json   prints one JSON object instead of tables
  --help   prints this`;

const USAGE_ERROR = 9;

const { json, files } = parse(process.argv.slice(2));
const results = [];
for (const file of files) results.push(files.length === 1 ? await measure(file) : measureApart(file));

function known() {
  return readdirSync(import.meta.dirname).filter(
    (name) => name.endsWith(".js") && !["run.js", "harness.js"].includes(name),
  );
}

if (json) {
  console.log(JSON.stringify({ node: process.version, cpus: os.availableParallelism(), files: results }));
} else {
  for (const result of results) console.log(table(result));
}
// A peer that is closed may still hold the process.
process.exit();

/** @param {readonly string[]} args */
function parse(args) {
  const chosen = [];
  for (const arg of args) {
    if (arg === "--help" || arg === "-h") {
      console.log(usage);
      process.exit(0);
    }
    if (arg === "--json") continue;
    if (arg.startsWith("-")) fail(`unknown option ${arg}`);
    const file = `${path.basename(arg, ".js")}.js`;
    if (!known().includes(file)) fail(`unknown file ${arg}; there are: ${known().join(", ")}`);
    chosen.push(file);
  }
  return { json: args.includes("--json"), files: chosen.length > 0 ? chosen : known() };
}

/** @param {string} problem @returns {never} */
function fail(problem) {
  console.error(`bench: ${problem}`);
  process.exit(USAGE_ERROR);
}

/** @param {string} file */
async function measure(file) {
  const question = await import(new URL(file, import.meta.url).href);
  return { file, rows: await question.measure() };
}

/** @param {string} file */
function measureApart(file) {
  const args = [fileURLToPath(import.meta.url), "--json", file];
  const stdio = ["ignore", "pipe", "inherit"];
  const output = execFileSync(process.execPath, args, { encoding: "utf8", stdio, maxBuffer: 2 ** 26 });
  return JSON.parse(output).files[0];
}

/** @param {{ file: string, rows: readonly object[] }} result */
function table({ file, rows }) {
  const cells = rows.map((row) => [
    row.case,
    row.subject,
    `${row.median} ${row.unit}`,
    `${row.min} – ${row.max}`,
    String(row.rounds),
    row.ratioTo === undefined ? "" : `${row.ratioTo.value}x ${row.ratioTo.subject}`,
  ]);
  const head = ["case", "subject", "median", "min – max", "rounds", "ratio"];
  const widths = head.map((title, column) => Math.max(...[head, ...cells].map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return `\n### ${file} (Node ${process.version}, ${os.availableParallelism()} CPUs)\n\n${[line(head), rule, ...cells.map(line)].join("\n")}`;
}
