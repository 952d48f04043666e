/**
 * A report as text: a line that says what it is about, then a row for each function.
 */
import type { StackFrame } from "../core/errors.ts";

interface Row {
  readonly frame: StackFrame;
  readonly cells: readonly string[];
}

export function reportTable(title: string, heads: readonly string[], rows: readonly Row[]): string {
  const widths = heads.map((head, at) =>
    Math.max(head.length, ...rows.map(({ cells }) => cells[at]!.length)),
  );
  const line = (cells: readonly string[], place: string): string =>
    `  ${cells.map((cell, at) => cell.padStart(widths[at]!)).join("  ")}  ${place}\n`;
  const lines = rows.map(({ frame, cells }) => line(cells, placeOf(frame)));
  return `${title}\n${line(heads, "function")}${lines.join("")}`;
}

function placeOf({ function: name, file, line, column }: StackFrame): string {
  return file === "" ? name : `${name} (${file}:${line}:${column})`;
}
