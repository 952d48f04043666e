/**
 * Whether importing a module would import the program's entry, too: bundlers put what chunks share into the entry's, and a
 * chunk imports it from there.
 *
 * From the sources, because a worker that imports it has run it. Only files that are named by a relative path: packages do
 * not import the program.
 */
import path from "node:path";
import { requireFrom } from "../core/installed-package.ts";
import { writtenSource } from "./written-source.ts";

const EXPORTS = /(?:^|[;}\n])\s*export\b|\bexports\s*[.[=]/;
const IMPORTS = /(?:\bfrom|\bimport|\brequire\s*\()\s*["'](\.[^"'\n]*)["']/g;

const imported = new Map<string, readonly string[]>();

/** The usual entry exports nothing, so nothing imports it. */
export function mayBeImported(entry: string): boolean {
  return EXPORTS.test(writtenSource(entry));
}

/** All paths are absolute. */
export function importsAny(file: string, entries: ReadonlySet<string>): boolean {
  if (entries.size === 0) return false;
  const seen = new Set([file]);
  for (const from of seen) {
    for (const to of importsOf(from)) {
      if (entries.has(to)) return true;
      seen.add(to);
    }
  }
  return false;
}

function importsOf(file: string): readonly string[] {
  const known = imported.get(file);
  if (known !== undefined) return known;
  const { resolve } = requireFrom(file);
  const files = [...writtenSource(file).matchAll(IMPORTS)].flatMap(([, specifier]) => {
    try {
      return [resolve(specifier!)];
    } catch {
      // ./work.js for work.ts, or text that only looks like an import.
      return [path.resolve(path.dirname(file), specifier!)];
    }
  });
  imported.set(file, files);
  return files;
}
