/**
 * The run from left to right: the lag of each second as a line, stalls as bars.
 */
import type { StallCause } from "../../loop/stall.ts";
import { html, type Markup } from "./markup.ts";

export interface LagPoint {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly p99: number;
}

interface Bar {
  readonly startedAt: number;
  readonly durationMs: number;
  readonly cause: StallCause;
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [1_000, 220, 70, 24, 10];

export function timeline(points: readonly LagPoint[], stalls: readonly Bar[]): Markup {
  const instants = [
    ...points.map(({ at }) => at),
    ...stalls.flatMap((one) => [one.startedAt, one.startedAt + one.durationMs]),
  ];
  if (instants.length === 0) return html`<p>The program ended before a second had passed.</p>`;
  const from = instants.reduce((a, b) => Math.min(a, b));
  const spanMs = Math.max(1_000, instants.reduce((a, b) => Math.max(a, b)) - from);
  const most = [...points.map(({ p99 }) => p99), ...stalls.map(({ durationMs }) => durationMs)];
  const topMs = roundUp(
    Math.max(
      10,
      most.reduce((a, b) => Math.max(a, b), 0),
    ),
  );
  const x = (at: number): number => LEFT + ((at - from) / spanMs) * (WIDTH - LEFT);
  const y = (ms: number): number => HEIGHT - BOTTOM - (ms / topMs) * (HEIGHT - BOTTOM - TOP);
  const line = points.map(({ at, p99 }) => `${x(at).toFixed(1)},${y(p99).toFixed(1)}`).join(" ");
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Lag and stalls over time">
    ${[0, 0.5, 1].map((part) => gridLine(topMs * part, y))}
    ${[0, 0.25, 0.5, 0.75, 1].map((part) => second(part * spanMs, x(from + part * spanMs)))}
    ${stalls.map((stall) => bar(stall, x, y))}
    <polyline class="lag" points="${line}" />
  </svg>`;
}

function gridLine(ms: number, y: (ms: number) => number): Markup {
  return html`<line class="grid" x1="${LEFT}" x2="${WIDTH}" y1="${y(ms)}" y2="${y(ms)}" />
    <text x="${LEFT - 6}" y="${y(ms) + 4}" text-anchor="end">${ms} ms</text>`;
}

function second(ms: number, x: number): Markup {
  const anchor = x > WIDTH - LEFT ? "end" : "start";
  return html`<text x="${x}" y="${HEIGHT - 6}" text-anchor="${anchor}">${(ms / 1_000).toFixed(1)} s</text>`;
}

function bar(
  { startedAt, durationMs, cause }: Bar,
  x: (at: number) => number,
  y: (ms: number) => number,
): Markup {
  const left = x(startedAt);
  const width = Math.max(2, x(startedAt + durationMs) - left);
  const top = y(durationMs);
  return html`<rect class="stall" x="${left}" y="${top}" width="${width}" height="${y(0) - top}"
    ><title>${Math.round(durationMs)} ms: ${cause}</title></rect
  >`;
}

/** 1, 2 or 5 of some size. */
function roundUp(ms: number): number {
  const size = 10 ** Math.floor(Math.log10(ms));
  return ([1, 2, 5].find((step) => step * size >= ms) ?? 10) * size;
}
