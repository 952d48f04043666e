/**
 * A program under tsx on Node 20: threads get its options but not its module hooks, so the first import of a .ts file fails
 * with ERR_UNKNOWN_FILE_EXTENSION. Each thread registers tsx itself. From Node 22 on, hooks reach threads.
 * To be removed with Node 20.
 */
import { pathToFileURL } from "node:url";
import { requireFrom } from "../core/installed-package.ts";

const LOADS = /^(?:--import|--require|-r|--loader|--experimental-loader)(?:=(.*))?$/;
const IS_TSX = /^tsx(?:\/|$)|[\\/]tsx[\\/]dist[\\/]/;

/** URL of tsx's API for a thread to register, or undefined when it need not. */
export function tsxForThreads(execArgv: readonly string[] = process.execArgv): string | undefined {
  if (Number.parseInt(process.versions.node, 10) >= 22) return undefined;
  const fromEnvironment = (process.env["NODE_OPTIONS"] ?? "")
    .split(/\s+/)
    .map((option) => option.replaceAll('"', ""));
  const loader = loaded([...execArgv, ...fromEnvironment]).find((name) => IS_TSX.test(name));
  if (loader === undefined) return undefined;
  // The `tsx` command gives files inside its package, `--import tsx` only the name.
  const from = loader.startsWith("tsx") ? `${process.cwd()}/` : loader;
  try {
    const api = requireFrom(from.startsWith("file:") ? from : pathToFileURL(from)).resolve("tsx/esm/api");
    return pathToFileURL(api).href.replace(/\.cjs$/, ".mjs");
  } catch {
    return undefined;
  }
}

/** What the options load. */
function loaded(options: readonly string[]): string[] {
  return options.flatMap((option, at) => {
    const match = LOADS.exec(option);
    const name = match?.[1] ?? (match && options[at + 1]);
    return name == null ? [] : [name];
  });
}
