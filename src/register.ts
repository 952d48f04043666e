/**
 * `node --import offloop/register app.js`: the monitor, without a change to the program. Each stall is written to stderr as it
 * ends, and while it lasts. The main thread is watched: workers block on purpose.
 */
import { isMainThread } from "node:worker_threads";
import { startForParent } from "./loop/parent-report.ts";
import { formatStall } from "./loop/format-stall.ts";
import { watchLoop } from "./loop/loop-monitor.ts";

if (isMainThread && !startForParent()) {
  const monitor = watchLoop();
  const print = (text: string): void => void process.stderr.write(`offloop: ${text}\n`);
  monitor.on("stall", (stall) => print(formatStall(stall)));
  monitor.on("blocked", (stall) => print(formatStall(stall, { isLasting: true })));
}
