/**
 * The module that the program was started with. Importing it in a worker would run the program again there, so its
 * functions travel by reference only when the file guards its main part.
 */
import { realpathSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { anyRequire } from "../core/installed-package.ts";
import { guardOf } from "./entry-guard.ts";
import { importsAny, mayBeImported } from "./imports-entry.ts";
import { writtenSource } from "./written-source.ts";

/**
 * - `elsewhere`: not the entry, and does not import it.
 * - `guarded`: its main part does not run in a worker.
 * - `guarded-in-threads`: nor in a thread, but in a child process it would.
 * - `unguarded`: importing it runs the program.
 */
type EntryRole = "elsewhere" | "guarded" | "guarded-in-threads" | "unguarded";

// Taken at import: programs shift their arguments.
const [, script] = process.argv;

const roles = new Map<string, EntryRole>();
let entries: ReadonlySet<string> | undefined;
let shared: ReadonlySet<string> | undefined;

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
  if (!entries.has(file) && !entries.has(realPath(file)) && !isScriptWithEnding(file)) {
    return importsAny(file, (shared ??= sharedEntries(entries))) ? "unguarded" : "elsewhere";
  }
  return roleOfEntry(file);
}

function roleOfEntry(file: string): EntryRole {
  const guard = guardOf(writtenSource(file), file);
  if (guard === undefined) return "unguarded";
  return guard === "everywhere" ? "guarded" : "guarded-in-threads";
}

/** Those that other modules may import, and should not. */
function sharedEntries(all: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...all].filter((entry) => mayBeImported(entry) && roleOfEntry(entry) !== "guarded"));
}

/** `node file`, `node folder`, a link, with and without `--preserve-symlinks-main`; for CommonJS Node says it. */
function findEntries(): ReadonlySet<string> {
  const require = anyRequire();
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
