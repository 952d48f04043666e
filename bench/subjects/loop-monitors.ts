/**
 * Monitors of the event loop, each in a process of its own.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

const program = path.join(import.meta.dirname, "../workers/loop-program.js");

export const all = [
  "none",
  "offloop",
  "monitorEventLoopDelay (10 ms)",
  "blocked-at",
  "toobusy-js",
  "under-pressure",
] as const;

export function start(
  monitor: string,
  task: string,
): { child: ChildProcess; measured: Promise<Record<string, number>> } {
  const child = fork(program, [monitor, task], { stdio: ["ignore", "pipe", "inherit", "ipc"], execArgv: [] });
  let text = "";
  child.stdout!.setEncoding("utf8").on("data", (part: string) => (text += part));
  const measured = once(child, "close").then(() => JSON.parse(text) as Record<string, number>);
  return { child, measured };
}
