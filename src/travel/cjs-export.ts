/**
 * A function among the exports of CommonJS modules, found by identity in Node's module cache: exact and synchronous.
 */
import { fileURLToPath, pathToFileURL } from "node:url";
import { type AnyFunction, functionName } from "../core/function-handle.ts";
import { anyRequire } from "../core/installed-package.ts";
import { entryRole } from "./entry.ts";
import { findExport } from "./find-export.ts";
import { members, ownValueAt } from "./own-value.ts";
import { isNative } from "./reference.ts";
import { writtenSource } from "./written-source.ts";

const { cache } = anyRequire();

export interface CommonJsExport {
  /** URL. */
  readonly module: string;
  readonly path: readonly string[];
}

/**
 * Exported under its own name, as the only export, or as `default`, by the module that defines it: a few property reads for
 * each loaded module. Another module that passes it on is not taken, because importing that one may start a server.
 */
export function namedCommonJsExport(fn: AnyFunction, text: string): CommonJsExport | undefined {
  const name = functionName(fn);
  const named = name === "" ? [] : [[name], ["default", name]];
  const paths = [[], ["default"], ...named];
  let last: CommonJsExport | undefined;
  for (const file in cache) {
    const exports: unknown = cache[file]?.exports;
    const path = paths.find((candidate) => ownValueAt(exports, candidate) === fn);
    if (path === undefined) continue;
    const module = pathToFileURL(file).href;
    if (entryRole(module) === "unguarded") continue;
    last = { module, path };
    if (writtenSource(file).includes(text)) return last;
  }
  // A native function has no text of its own. What it was loaded from was loaded last.
  return isNative(text) ? last : undefined;
}

export function isCommonJs(url: string): boolean {
  return cache[fileURLToPath(url)] !== undefined;
}

/** Anywhere among the exports of the module that defines it. */
export function commonJsExportOf(fn: AnyFunction, url: string): CommonJsExport | undefined {
  const found = findExport(cache[fileURLToPath(url)]?.exports, (value) => value === fn);
  return found === undefined ? undefined : { module: url, path: found.path };
}

/** One of the exports of the module whose file has its text, under whatever name. */
export function directCommonJsExport(fn: AnyFunction, text: string): CommonJsExport | undefined {
  return search(text, (exports) => {
    const member = members(exports).find(([, value]) => value === fn);
    return member && [member[0]];
  });
}

/** Anywhere among them. */
export function anyCommonJsExport(fn: AnyFunction, text: string): CommonJsExport | undefined {
  return search(text, (exports) => findExport(exports, (value) => value === fn)?.path);
}

function search(
  text: string,
  pathIn: (exports: unknown) => readonly string[] | undefined,
): CommonJsExport | undefined {
  for (const file in cache) {
    const path = pathIn(cache[file]?.exports);
    if (path === undefined) continue;
    const module = pathToFileURL(file).href;
    if (entryRole(module) !== "unguarded" && writtenSource(file).includes(text)) return { module, path };
  }
  return undefined;
}

/** The class that CommonJS modules export under its name; undefined also when there are several. */
export function commonJsClass(name: string, fits: (value: unknown) => boolean): unknown {
  const found = new Set<unknown>();
  for (const file in cache) {
    const exports: unknown = cache[file]?.exports;
    for (const path of [[], [name], ["default"]]) {
      const value = ownValueAt(exports, path);
      if (fits(value)) found.add(value);
    }
  }
  return found.size === 1 ? [...found][0] : undefined;
}
