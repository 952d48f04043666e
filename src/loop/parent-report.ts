/**
 * The program's side of `offloop watch`: what the monitor sees goes to the parent, a JSON object a line. Two descriptors, because
 * two threads write: the watched one, and the watchdog while that is blocked.
 */
import { writeSync } from "node:fs";
import { LIVE_FD, REPORT_FD, WATCH_VARIABLE, type WatchSettings } from "../core/watch-settings.ts";
import { LoopMonitor } from "./loop-monitor.ts";
import { completeMonitorOptions } from "./options.ts";

/** Undefined: no parent asked for it. */
export function startForParent(): LoopMonitor | undefined {
  const text = process.env[WATCH_VARIABLE];
  if (text === undefined) return undefined;
  // The program and its children should see the environment that the user gave.
  delete process.env[WATCH_VARIABLE];
  const { thresholdMs, preload, withStacks } = JSON.parse(text) as WatchSettings;
  removeImport(preload);
  const options = completeMonitorOptions({ thresholdMs, maxStallsPerMinute: Infinity });
  const monitor = new LoopMonitor(options, { fd: LIVE_FD, withStacks });
  monitor.on("stall", (stall) => write({ type: "stall", ...stall }));
  // After the monitor's own listener, which tells the last stall.
  process.on("exit", () => write({ type: "summary", ...monitor.snapshot(), advice: monitor.advice() }));
  return monitor;
}

/** `fork` and workers take over `process.execArgv`. They have neither the parent nor its descriptors. */
function removeImport(preload: string): void {
  const { execArgv } = process;
  const at = execArgv.findIndex((arg, index) => arg === preload && execArgv[index - 1] === "--import");
  if (at > 0) execArgv.splice(at - 1, 2);
}

function write(record: object): void {
  const bytes = Buffer.from(`${JSON.stringify(record)}\n`);
  try {
    for (let from = 0; from < bytes.length;) from += writeSync(REPORT_FD, bytes, from);
  } catch {
    // The parent is gone; the program goes on.
  }
}
