/**
 * The module that the program was started with. Importing it in a worker would run the program again there, so its
 * functions travel by reference only when the file guards its main part.
 */
import { readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const GUARDS = /\bimport\.meta\.main\b|\brequire\.main\s*===?\s*module\b|\bisMainThread\b/;

let entryUrl: string | null | undefined;
let guarded: boolean | undefined;

/** Whether the module is the running entry and does not say what of it is the main part. */
export function isUnguardedEntry(module: string): boolean {
  if (entryUrl === undefined) entryUrl = findEntry();
  return module === entryUrl && !(guarded ??= GUARDS.test(sourceText(module)));
}

function findEntry(): string | null {
  const script = process.argv[1];
  if (script === undefined) return null;
  try {
    return pathToFileURL(realpathSync(createRequire(pathToFileURL(`${process.cwd()}/`)).resolve(script)))
      .href;
  } catch {
    // A TypeScript entry without its ending, a script that was deleted: nothing that could be imported by mistake.
    return null;
  }
}

function sourceText(module: string): string {
  try {
    return readFileSync(fileURLToPath(module), "utf8");
  } catch {
    return "";
  }
}
