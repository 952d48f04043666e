/**
 * What a test must not leave behind: worker threads, child processes, handles that hold the process.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import { turn } from "./waits.ts";

const TASKS = "/proc/self/task";

/** Everything that could be left behind, one string each. Threads and children are seen on Linux only. */
export function alive(): string[] {
  const handles = process.getActiveResourcesInfo().filter((type) => type !== "Immediate");
  if (!existsSync(TASKS)) return handles;
  const threads = readdirSync(TASKS);
  return [...handles, ...threads.map(() => "thread"), ...children()];
}

/** Processes that this one has started and that are not gone, by their ids. */
function children(): string[] {
  return readdirSync(TASKS).flatMap((thread) => {
    try {
      return readFileSync(`${TASKS}/${thread}/children`, "utf8").match(/\d+/g) ?? [];
    } catch {
      // That thread has just ended.
      return [];
    }
  });
}

const PATIENCE_MS = 10_000;

/** Fails when anything is there that was not there before. Workers get some time to go. */
export async function nothingLeft(before: readonly string[]): Promise<void> {
  const since = performance.now();
  while (left(before).length > 0 && performance.now() - since < PATIENCE_MS) await turn();
  expect(left(before)).toEqual([]);
}

function left(before: readonly string[]): string[] {
  const rest = [...before];
  return alive().filter((one) => {
    const at = rest.indexOf(one);
    if (at !== -1) rest.splice(at, 1);
    return at === -1;
  });
}
