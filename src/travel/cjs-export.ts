/**
 * A function among the exports of CommonJS modules, found by identity in Node's module cache: exact and synchronous.
 */
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { AnyFunction } from "../core/function-handle.ts";
import { findExport, follow } from "./find-export.ts";

const { cache } = createRequire(import.meta.url);

export interface CommonJsExport {
  readonly module: string;
  readonly path: readonly string[];
}

/** Exported under its own name, as the only export, or as `default`: a few property reads for each loaded module. */
export function namedCommonJsExport(fn: AnyFunction): CommonJsExport | undefined {
  const paths = [[], ["default"], ...(fn.name === "" ? [] : [[fn.name], ["default", fn.name]])];
  for (const file in cache) {
    const exports: unknown = cache[file]?.exports;
    const path = paths.find((candidate) => ownValue(exports, candidate) === fn);
    if (path !== undefined) return { module: pathToFileURL(file).href, path };
  }
  return undefined;
}

/** Anywhere among the exports of the module that defines it. */
export function commonJsExportOf(fn: AnyFunction, url: string): CommonJsExport | undefined {
  const found = findExport(cache[fileURLToPath(url)]?.exports, (value) => value === fn);
  return found === undefined ? undefined : { module: url, path: found.path };
}

/** A class that a CommonJS module exports under its name. */
export function commonJsClass(name: string, fits: (value: unknown) => boolean): unknown {
  for (const file in cache) {
    const exports: unknown = cache[file]?.exports;
    const value = [[], [name], ["default"]].map((path) => ownValue(exports, path)).find(fits);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** As {@link follow}, but never through a getter: those of other people's modules may do anything. */
function ownValue(exports: unknown, path: readonly string[]): unknown {
  const holder = path.length > 1 ? ownValue(exports, path.slice(0, -1)) : exports;
  const key = path.at(-1);
  if (key === undefined) return exports;
  if ((typeof holder !== "object" && typeof holder !== "function") || holder === null) return undefined;
  return follow(Object.getOwnPropertyDescriptor(holder, key), ["value"]);
}
