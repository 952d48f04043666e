/**
 * The result of one file as an SVG: a group of bars for each case, all of a group to the same scale, from 0. The line over a bar is from
 * the fastest round to the slowest.
 */
import type { Row } from "../harness.ts";
import type { Machine, Result } from "../run.ts";

const WIDTH = 760;
const LABEL = 210;
const BARS = 400;
const LINE = 20;
const TITLE = 34;
const TOP = 40;

// An image in a page knows the reader's colours by this alone.
const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600 }
  .note { fill: #57606a }
  .bar { fill: #9aa4af }
  .own { fill: #2f6feb }
  .range { stroke: #24292f; stroke-width: 1.5; opacity: 0.55 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .note { fill: #9da7b1 }
    .bar { fill: #6e7681 }
    .own { fill: #58a6ff }
    .range { stroke: #e6edf3 }
  }`;

export function plotOf({ file, rows }: Result, { node, cpus }: Machine): string {
  const groups = byCase(rows);
  let y = TOP;
  const parts: string[] = [];
  for (const [title, group] of groups) {
    parts.push(groupOf(title, group, y));
    y += TITLE + group.length * LINE;
  }
  const name = file.replace(/\.ts$/, "");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 12}" width="${WIDTH}" role="img" aria-label="${escaped(name)}">
<style>${STYLE}
</style>
<text class="title" x="8" y="20">${escaped(name)}</text>
<text class="note" x="${WIDTH - 8}" y="20" text-anchor="end">Node ${node}, ${cpus} CPUs; medians, less is better unless told</text>
${parts.join("\n")}
</svg>
`;
}

function groupOf(title: string, rows: readonly Row[], top: number): string {
  // One slow round must not flatten all bars: what goes beyond ends at the edge.
  const most = Math.max(...rows.map(({ median }) => median)) * 1.15 || 1;
  const at = (value: number): number => LABEL + (Math.min(value, most) / most) * BARS;
  const bars = rows.map((row, index) => {
    const y = top + TITLE - 6 + index * LINE;
    const middle = y + LINE / 2 - 3;
    const kind = row.subject.startsWith("offloop") ? "own" : "bar";
    return `<text x="${LABEL - 8}" y="${y + 11}" text-anchor="end">${escaped(row.subject)}</text>
<rect class="${kind}" x="${LABEL}" y="${y}" width="${(at(row.median) - LABEL).toFixed(1)}" height="${LINE - 6}" rx="2"/>
<line class="range" x1="${at(row.min).toFixed(1)}" x2="${at(row.max).toFixed(1)}" y1="${middle}" y2="${middle}"/>
<text x="${LABEL + BARS + 8}" y="${y + 11}">${row.median} ${escaped(row.unit)}</text>`;
  });
  return `<text class="title" x="8" y="${top + 16}">${escaped(title)}</text>\n${bars.join("\n")}`;
}

function byCase(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(row.case, [...(groups.get(row.case) ?? []), row]);
  return groups;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
