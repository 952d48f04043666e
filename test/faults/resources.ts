/**
 * What is open in this process, seen by Node itself: also what does not hold the process and so shows in no other list. Workers,
 * children, ports and timers are followed from their beginning to their end, file descriptors and listeners are counted.
 */
import { execFile } from "node:child_process";
import { createHook } from "node:async_hooks";
import { readdirSync, readlinkSync } from "node:fs";
import { promisify } from "node:util";
import { gate } from "offloop/testing";
import { expect } from "vitest";
import { turn } from "../contract/waits.ts";

const FOLLOWED = new Set(["MESSAGEPORT", "WORKER", "PROCESSWRAP", "PIPEWRAP", "Timeout"]);
const open = new Map<number, string>();

createHook({
  init(id, type) {
    if (!FOLLOWED.has(type)) return;
    const { stack = "" } = new Error(`${type} opened`);
    open.set(id, stack.split("\n").slice(0, 8).join(""));
  },
  destroy(id) {
    open.delete(id);
  },
}).enable();

export interface Open {
  readonly ids: ReadonlySet<number>;
  readonly counted: Readonly<Record<string, number>>;
}

export function openNow(): Open {
  return { ids: new Set(open.keys()), counted: counted() };
}

function counted(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of process.eventNames()) {
    counts[`listeners of ${String(name)}`] = process.listenerCount(name);
  }
  for (const kind of descriptors()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** Seen on Linux only. */
function descriptors(): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [`descriptors of ${readlinkSync(`/proc/self/fd/${fd}`).replaceAll(/\d+/g, "#")}`];
    } catch {
      // The one that was read itself.
      return [];
    }
  });
}

const PATIENCE_MS = 10_000;

/** Fails when something is open that was not before. What ends is given some time. */
export async function expectNothingOpen(before: Open): Promise<void> {
  const since = performance.now();
  while (left(before).length > 0 && performance.now() - since < PATIENCE_MS) {
    // A port that nobody holds is closed when it is collected; ours must not rely on that, so nothing is collected here.
    await turn();
  }
  expect(left(before)).toEqual([]);
}

function left({ ids, counted: before }: Open): string[] {
  const opened = [...open].filter(([id]) => !ids.has(id)).map(([, what]) => what);
  const more = Object.entries(counted()).filter(([kind, count]) => count > (before[kind] ?? 0));
  return [...opened, ...more.map(([kind, count]) => `${kind}: ${count}, not ${before[kind] ?? 0}`)];
}

let warm: Promise<unknown> | undefined;

/** What Node and the gates open once and keep: for signals of children, and to clean up at the end. */
export function warmUp(): Promise<unknown> {
  return (warm ??= (async () => {
    gate().open();
    await promisify(execFile)(process.execPath, ["--version"]);
  })());
}
