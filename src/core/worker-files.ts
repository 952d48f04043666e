/**
 * Where the built workers are: the one place that knows.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** @throws when the file is not where the package puts it, with what to do about it. */
export function workerFile(name: "thread.cjs" | "process.js" | "watchdog.cjs"): string {
  const file = fileURLToPath(new URL(`../workers/${name}`, import.meta.url));
  if (existsSync(file)) return file;
  throw new Error(
    `its worker file ${file} does not exist. When the program is bundled, leave offloop and piscina out of the bundle ` +
      "(esbuild: --external:offloop --external:piscina; webpack, rollup and rolldown: external).",
  );
}
