/**
 * Where the built workers are: the one place that knows.
 */
import path from "node:path";
import { installedPackage } from "./installed-package.ts";

/** @throws NotInstalled */
export function workerFile(name: "thread.cjs" | "process.js" | "actor.js" | "watchdog.cjs"): string {
  return path.join(installedPackage().folder, "dist/workers", name);
}
