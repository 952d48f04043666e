/**
 * `node --import offloop/register app.js`: the monitor, without a change to the program. Each stall is written to stderr as it
 * ends, and while it lasts. The main thread is watched: workers block on purpose.
 */
import { isMainThread } from "node:worker_threads";
import { debugMode } from "./core/debug.ts";
import { startForParent } from "./loop/parent-report.ts";
import { formatStall } from "./loop/format-stall.ts";
import { type LoopMonitor, watchLoop } from "./loop/loop-monitor.ts";

if (isMainThread) {
  debugMode.isWatched = true;
  const monitor = startForParent() ?? printing();
  // The program starts when it is watched: what it loads is a common stall, and should have its stack.
  await monitor.ready();
}

function printing(): LoopMonitor {
  const monitor = watchLoop();
  const print = (text: string): void => void process.stderr.write(`offloop: ${text}\n`);
  monitor.on("stall", (stall) => print(formatStall(stall)));
  monitor.on("blocked", (stall) => print(formatStall(stall, { isLasting: true })));
  return monitor;
}
