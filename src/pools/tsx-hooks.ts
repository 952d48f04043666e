/**
 * A program under tsx on Node 20: threads get its options but not its module hooks, so the first import of a .ts file fails
 * with ERR_UNKNOWN_FILE_EXTENSION. Each thread registers tsx itself. From Node 22 on, hooks reach threads.
 * To be removed with Node 20.
 */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** URL of tsx's API for a thread to register, or undefined when it need not. */
export function tsxForThreads(): string | undefined {
  if (Number.parseInt(process.versions.node, 10) >= 22) return undefined;
  const options = [...process.execArgv, ...(process.env["NODE_OPTIONS"] ?? "").split(" ")];
  const loader = options.find((option) => /(^|[=/\\])tsx([/\\]|$)/.test(option))?.replace(/^--import=/, "");
  if (loader === undefined) return undefined;
  // The `tsx` command gives the loader as a URL inside its package, `--import tsx` only the name.
  const from = loader.startsWith("file:") ? loader : pathToFileURL(`${process.cwd()}/`).href;
  try {
    return pathToFileURL(createRequire(from).resolve("tsx/esm/api")).href.replace(/\.cjs$/, ".mjs");
  } catch {
    return undefined;
  }
}
