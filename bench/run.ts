/**
 * `npm run bench -- [--json] [file…]`: runs benchmarks one after the other and prints a Markdown table for each, or one JSON
 * document for all. Ratios are what counts; they compare subjects of one run. A machine that does something else at the same
 * time measures that.
 */
import { readdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { markdownTable, type Row } from "./rows.ts";

const USAGE = `Usage: npm run bench -- [--json] [file…]

Files: ${benchmarks().join(", ")}. All of them unless some are named.
  --json   one JSON document on stdout: { node, cpus, files: [{ file, rows }] }
  --help   this text`;

const USAGE_ERROR = 9;

interface Benchmark {
  run(progress: (text: string) => void): Promise<Row[]>;
}

/** Every file here but the harness. */
function benchmarks(): string[] {
  const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith(".ts"));
  return files.map((file) => path.basename(file, ".ts")).filter((name) => name !== "run" && name !== "rows");
}

const flags = process.argv.slice(2).filter((argument) => argument.startsWith("-"));
const named = process.argv
  .slice(2)
  .filter((argument) => !argument.startsWith("-"))
  .map((argument) => path.basename(argument).replace(/\.[jt]s$/, ""));

const wrong =
  flags.find((flag) => flag !== "--json" && flag !== "--help") ??
  named.find((name) => !benchmarks().includes(name));
if (wrong !== undefined) {
  console.error(
    `bench: there is no ${wrong.startsWith("-") ? "option" : "benchmark"} "${wrong}". Benchmarks: ${benchmarks().join(", ")}`,
  );
  process.exit(USAGE_ERROR);
}
if (flags.includes("--help")) {
  console.log(USAGE);
  process.exit(0);
}

const json = flags.includes("--json");
const cpus = os.availableParallelism();
const files: { file: string; rows: Row[] }[] = [];
if (!json) console.log(`Node ${process.version}, ${cpus} CPUs (${os.cpus()[0]?.model ?? "unknown"})`);
for (const name of named.length > 0 ? named : benchmarks()) {
  const { run } = (await import(`./${name}.ts`)) as Benchmark;
  const rows = await run((text) => process.stderr.write(`${name}: ${text}\n`));
  files.push({ file: `${name}.ts`, rows });
  if (!json) console.log(`\n## ${name}\n\n${markdownTable(rows)}`);
}
if (json) console.log(JSON.stringify({ node: process.version, cpus, files }));
