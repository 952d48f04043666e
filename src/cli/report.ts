/**
 * Records as a person reads them.
 */
import path from "node:path";
import { type Advice, timesOf } from "../loop/advice.ts";
import { formatStall } from "../loop/format-stall.ts";
import type { Stall } from "../loop/stall.ts";
import type { Colors } from "./colors.ts";
import type { Summary } from "./record.ts";

/** Functions to move that are shown. */
const MOST_ADVICE = 5;

export function stallText(stall: Stall, isLasting: boolean, { alarm, faint }: Colors): string {
  const [title = "", ...lines] = formatStall(stall, { isLasting }).split("\n");
  return [
    "",
    `${alarm("offloop")} ${title}`,
    ...lines.map((line) => (line.includes(">") ? line : faint(line))),
  ].join("\n");
}

export function summaryText(summary: Summary, { strong, faint }: Colors): string {
  const lines = ["", strong("offloop: summary"), "", ...windowTable(summary), ...poolLine(summary), ""];
  const causes = Object.entries(summary.stalls).toSorted(([, a], [, b]) => b - a);
  if (causes.length === 0) return [...lines, "No stalls.", ""].join("\n");
  lines.push(`Stalls: ${causes.map(([cause, count]) => `${count} ${cause}`).join(", ")}`);
  for (const one of summary.advice.slice(0, MOST_ADVICE)) lines.push("", ...adviceLines(one, faint));
  const hidden = summary.advice.length - MOST_ADVICE;
  if (hidden > 0) lines.push("", `… and ${hidden} more functions`);
  if (summary.advice.length > 0) lines.push("", faint(WHAT_STAYS));
  return [...lines, ""].join("\n");
}

/** Measured with structuredClone of records and of binary data; said because nobody has seen the arguments. */
const WHAT_STAYS =
  "What stays on the loop after that: copying the arguments and the result. Large binary data can be moved instead (transfer).";

function windowTable({ windows }: Summary): string[] {
  const row = (cells: readonly string[]): string => `  ${cells.map((cell) => cell.padStart(9)).join(" ")}`;
  return [
    row(["last", "lag p50", "p90", "p99", "max", "mean", "loop busy", "turns"]),
    ...windows.map(({ ms, lag, utilization, turns }) =>
      row([
        `${ms / 1000} s`,
        ...[lag.p50, lag.p90, lag.p99, lag.max, lag.mean].map((value) => `${value.toFixed(1)} ms`),
        `${Math.round(utilization * 100)} %`,
        String(turns),
      ]),
    ),
  ];
}

function poolLine({ threadpoolLag }: Summary): string[] {
  if (threadpoolLag.count === 0) return [];
  const { p50, p99, max } = threadpoolLag;
  return [`  thread pool lag: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, max ${max.toFixed(1)} ms`];
}

function adviceLines(advice: Advice, faint: Colors["faint"]): string[] {
  const { culprit, line } = advice;
  const file = path.relative(process.cwd(), culprit.file);
  const place = file.startsWith("..") ? culprit.file : file;
  return [
    `  ${culprit.function} (${place}:${culprit.line}): ${timesOf(advice)}`,
    `    ${faint("move it:")} ${line}`,
  ];
}
