/**
 * The result of one file as a Markdown table.
 */
import type { Machine, Result } from "../run.ts";

const HEAD = ["case", "subject", "median", "min – max", "rounds", "ratio"];

export function tableOf({ file, rows }: Result, { node, cpus, model }: Machine): string {
  const cells = rows.map((row) => [
    row.case,
    row.subject,
    `${row.median} ${row.unit}`,
    `${row.min} – ${row.max}`,
    String(row.rounds),
    row.ratioTo === undefined ? "" : `${row.ratioTo.value}x ${row.ratioTo.subject}`,
  ]);
  const widths = HEAD.map((_, column) => Math.max(...[HEAD, ...cells].map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  const lines = [line(HEAD), rule, ...cells.map(line)].join("\n");
  return `\n### ${file} (Node ${node}, ${cpus} CPUs, ${model})\n\n${lines}`;
}
