/**
 * One file that shows a run, without scripts and without anything from elsewhere: it may be mailed, and opened years later. The
 * policy in it forbids both, should a name of the program ever get past the escaping.
 */
import { type Advice, timesOf } from "../../loop/advice.ts";
import { formatStall } from "../../loop/format-stall.ts";
import type { Stall, StackSeen } from "../../loop/stall.ts";
import type { Summary } from "../record.ts";
import { flameChart } from "./flame-chart.ts";
import { html, Markup } from "./markup.ts";
import { type LagPoint, timeline } from "./timeline.ts";

export interface Run {
  readonly command: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly points: readonly LagPoint[];
  readonly stalls: readonly { readonly stall: Stall; readonly stacks: readonly StackSeen[] }[];
  /** Stalls that are only counted: there were too many. */
  readonly untold: number;
  readonly summary: Summary;
}

export function page(run: Run): string {
  const { command, startedAt, points, stalls, untold, summary } = run;
  const longest = stalls.toSorted((a, b) => b.stall.durationMs - a.stall.durationMs);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <meta name="viewport" content="width=device-width" />
        <title>offloop: ${command}</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <h1>What blocked the event loop</h1>
        <p><code>${command}</code>, ${new Date(startedAt).toISOString()}, Node ${process.versions.node}</p>
        <h2>Lag</h2>
        ${timeline(
          points,
          stalls.map(({ stall }) => stall),
        )}
        <p class="key">
          Line: 99th percentile of the lag in each second. Bars: stalls, as high as they were long.
        </p>
        ${windowTable(summary)}
        <h2>What to move off the loop</h2>
        ${
          summary.advice.length === 0
            ? html`<p>Nothing was seen that is worth it.</p>`
            : html`<ul>
                ${summary.advice.map(adviceItem)}
              </ul>`
        }
        <h2>Stalls</h2>
        <p>
          ${Object.entries(summary.stalls).map(([cause, count]) => html`<span class="cause">${count} ${cause}</span> `)}
        </p>
        ${longest.map(({ stall, stacks }, index) => stallDetails(stall, stacks, index === 0))}
        ${untold === 0 ? html`` : html`<p>… and ${untold} shorter ones.</p>`}
      </body>
    </html> `.text;
}

function windowTable({ windows }: Summary): Markup {
  const heads = ["last", "lag p50", "p90", "p99", "max", "mean", "loop busy", "turns"];
  const rows = windows.map(({ ms, lag, utilization, turns }) => {
    const lags = [lag.p50, lag.p90, lag.p99, lag.max, lag.mean].map((value) => `${value.toFixed(1)} ms`);
    const cells = [`${ms / 1_000} s`, ...lags, `${Math.round(utilization * 100)} %`, String(turns)];
    return html`<tr>
      ${cells.map((cell) => html`<td>${cell}</td>`)}
    </tr>`;
  });
  return html`<table>
    <tr>
      ${heads.map((head) => html`<th>${head}</th>`)}
    </tr>
    ${rows}
  </table>`;
}

function adviceItem(advice: Advice): Markup {
  const { culprit, line } = advice;
  const place = `${culprit.file}:${culprit.line}`;
  return html`<li><b>${culprit.function}</b> (${place}): ${timesOf(advice)}<br /><code>${line}</code></li>`;
}

function stallDetails(stall: Stall, stacks: readonly StackSeen[], isOpen: boolean): Markup {
  const [title = "", ...lines] = formatStall(stall).split("\n");
  const chart = stacks.length === 0 ? html`<p>No samples.</p>` : flameChart(stacks);
  const inside = html`<summary>${title}</summary>
    ${chart}
    <pre>${lines.join("\n")}</pre>`;
  return isOpen ? html`<details open>${inside}</details>` : html`<details>${inside}</details>`;
}

const STYLE = new Markup(`
body { font: 15px/1.45 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem }
code, pre { font: 13px/1.4 ui-monospace, monospace } pre { overflow-x: auto }
svg { width: 100%; height: auto } svg text { font: 12px system-ui, sans-serif; fill: #555 }
.grid { stroke: #ddd } .lag { fill: none; stroke: #1565c0; stroke-width: 1.5 } .stall { fill: #e37250 }
.key { color: #555 }
table { border-collapse: collapse } td, th { padding: .15rem .7rem; text-align: right; border-bottom: 1px solid #eee; font-weight: normal }
th { color: #555 }
li { margin: .6rem 0 } .cause { margin-right: 1rem }
details { border: 1px solid #ddd; border-radius: 4px; padding: .4rem .7rem; margin: .5rem 0 } summary { cursor: pointer }
.flame { position: relative; margin: .7rem 0; overflow: hidden }
.box { position: absolute; height: 19px; box-sizing: border-box; padding: 0 4px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; font: 12px/19px ui-monospace, monospace; border-right: 1px solid #fff }
.own { background: #ff8a65 } .dependency { background: #ffd54f } .platform { background: #cfd8dc }
`);
