/**
 * The module that the program was started with. Importing it in a worker would run the program again there, so its
 * functions travel by reference only when the file guards its main part.
 */
import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { writtenSource } from "./written-source.ts";

/**
 * - `elsewhere`: not the entry.
 * - `guarded`: its main part does not run in a worker.
 * - `guarded-in-threads`: nor in a thread, but in a child process it would.
 */
export type EntryRole = "elsewhere" | "guarded" | "guarded-in-threads" | "unguarded";

const SELF = String.raw`(?:import\.meta\.(?:url|filename)|__filename)`;
const ARGV = String.raw`process\.argv\[1\]`;
const GUARDS = [
  /\bimport\.meta\.main\b/,
  /\brequire\.main\s*===?\s*module\b|\bmodule\s*===?\s*require\.main\b/,
  // What there was before import.meta.main: import.meta.url === pathToFileURL(process.argv[1]).href, and the like.
  new RegExp(String.raw`${SELF}[^\n;]*===?[^\n;]*${ARGV}|${ARGV}[^\n;]*===?[^\n;]*${SELF}`),
];
// In a condition: merely importing the name guards nothing.
const THREAD_GUARD = /\bif\s*\([^\n)]*\bisMainThread\b|\bisMainThread\s*(?:&&|\|\||\?)/;

// Taken at import: programs shift their arguments.
const [, script] = process.argv;

const roles = new Map<string, EntryRole>();
let entries: ReadonlySet<string> | undefined;

/** @param module URL */
export function entryRole(module: string): EntryRole {
  let role = roles.get(module);
  if (role === undefined) roles.set(module, (role = findRole(module)));
  return role;
}

/** Whether the program was started with a file in this folder. */
export function isProgramIn(folder: string): boolean {
  entries ??= findEntries();
  return [...entries].some((file) => file.startsWith(folder));
}

function findRole(module: string): EntryRole {
  const file = fileURLToPath(module);
  entries ??= findEntries();
  if (!entries.has(file) && !entries.has(realPath(file)) && !isScriptWithEnding(file)) return "elsewhere";
  // A guard that was commented out is none. A comment sign inside a string hides the rest of its line: that errs on the
  // side of refusing.
  const source = writtenSource(file).replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
  if (GUARDS.some((guard) => guard.test(source))) return "guarded";
  return THREAD_GUARD.test(source) ? "guarded-in-threads" : "unguarded";
}

/** `node file`, `node folder`, a link, with and without `--preserve-symlinks-main`; for CommonJS Node says it. */
function findEntries(): ReadonlySet<string> {
  const require = createRequire(import.meta.url);
  const files = [require.main?.filename, script, script && resolveAsNodeDoes(require, script)];
  return new Set(files.flatMap((file) => (file ? [path.resolve(file), realPath(file)] : [])));
}

function resolveAsNodeDoes(require: NodeJS.Require, file: string): string | undefined {
  try {
    return require.resolve(path.resolve(file));
  } catch {
    // `tsx main`, a script that was deleted.
    return undefined;
  }
}

/** Loaders find `main.ts` for `main`. */
function isScriptWithEnding(file: string): boolean {
  if (script === undefined) return false;
  const start = path.resolve(script);
  return (
    [start, realPath(path.dirname(start)) + path.sep + path.basename(start)].some((stem) =>
      file.startsWith(stem),
    ) && /^(?:[\\/]index)?\.[cm]?[jt]sx?$/.test(file.slice(start.length))
  );
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
