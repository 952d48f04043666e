/**
 * The stacks of a stall as a flame chart: callers below, what they called above, as wide as the time that it was seen.
 */
import type { StackFrame } from "../../core/errors.ts";
import type { StackSeen } from "../../loop/stall.ts";
import { ANONYMOUS } from "../../inspect/frames.ts";
import { html, type Markup } from "./markup.ts";

interface Box {
  readonly frame: StackFrame;
  ms: number;
  readonly above: Map<string, Box>;
}

const ROW_PX = 20;
/** Of the whole width. What is narrower cannot be seen. */
const LEAST = 0.002;

export function flameChart(stacks: readonly StackSeen[]): Markup {
  const allMs = stacks.reduce((sum, { ms }) => sum + ms, 0);
  const boxes: Markup[] = [];
  let rows = 0;
  const draw = (level: ReadonlyMap<string, Box>, row: number, from: number): void => {
    let left = from;
    for (const box of [...level.values()].toSorted((a, b) => b.ms - a.ms)) {
      const width = box.ms / allMs;
      if (width >= LEAST) {
        rows = Math.max(rows, row + 1);
        boxes.push(boxMarkup(box, { row, left, width, allMs }));
        draw(box.above, row + 1, left);
      }
      left += width;
    }
  };
  draw(grow(stacks), 0, 0);
  return html`<div class="flame" style="height:${rows * ROW_PX}px">${boxes}</div>`;
}

/** The same function above the same callers is one box. */
function grow(stacks: readonly StackSeen[]): ReadonlyMap<string, Box> {
  const ground = new Map<string, Box>();
  for (const { stack, ms } of stacks) {
    let level = ground;
    for (const frame of stack.toReversed()) {
      const key = keyOf(frame);
      const box = level.get(key) ?? { frame, ms: 0, above: new Map<string, Box>() };
      level.set(key, box);
      box.ms += ms;
      level = box.above;
    }
  }
  return ground;
}

/** One without a name is known by its line. */
function keyOf({ function: name, file, line }: StackFrame): string {
  return `${name}\n${file}${name === ANONYMOUS ? `:${line}` : ""}`;
}

interface Place {
  readonly row: number;
  readonly left: number;
  readonly width: number;
  readonly allMs: number;
}

function boxMarkup({ frame, ms }: Box, { row, left, width, allMs }: Place): Markup {
  const { function: name, file, line, column } = frame;
  const where = file === "" ? "" : ` (${file}:${line}:${column})`;
  const title = `${name}${where}: ${Math.round(ms)} ms, ${Math.round((ms / allMs) * 100)} %`;
  const style = `left:${percent(left)};width:${percent(width)};bottom:${row * ROW_PX}px`;
  return html`<div class="box ${ownerClass(file)}" style="${style}" title="${title}">${name}</div>`;
}

function ownerClass(file: string): string {
  if (file === "" || file.startsWith("node:")) return "platform";
  return /[\\/]node_modules[\\/]/.test(file) ? "dependency" : "own";
}

function percent(part: number): string {
  return `${(part * 100).toFixed(3)}%`;
}
