/**
 * The modules that those who call import: a function that somebody passes on is usually in one of them. Only what is imported by a
 * relative path and statically: it is loaded, because its importer runs.
 */
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { realpathSync } from "node:fs";
import { installedPackage, NotInstalled } from "../core/installed-package.ts";
import { callersOf, moduleOf } from "./call-site.ts";
import { writtenSource } from "./written-source.ts";

// Arbitrary: a read is 50 µs, what it may save is 15 to 270 ms.
const MOST_FRAMES = 20;
const MOST_MODULES = 40;
const MOST_CHARACTERS = 500_000;

const STATIC_IMPORT =
  /(?:^|[;}])[^\S\n]*(?:import|export)\b(?!\s+type\b)[^"'`;()]*?\bfrom\s*["'](\.{1,2}\/[^"'\n?#]+)["']/gm;

// With the strings before it, in which nothing is a comment.
const COMMENT = /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[^]|[^`\\])*`)|\/\*[^]*?\*\/|\/\/.*/g;

const imported = new Map<string, readonly string[]>();

/** URLs of ES modules, nearest first; of `callee`'s callers themselves none. */
export function* importedByCallers(callee: (...args: never[]) => unknown): Generator<string> {
  const seen = new Set(callingModules(callee));
  const callers = seen.size;
  let place = 0;
  for (const module of seen) {
    if (place++ >= callers) yield module;
    if (seen.size < callers + MOST_MODULES) for (const next of importsOf(module)) seen.add(next);
  }
}

function callingModules(callee: (...args: never[]) => unknown): string[] {
  const { frames } = callersOf(callee, MOST_FRAMES);
  const modules = frames.flatMap((frame) => moduleOf(frame) ?? []);
  try {
    const own = pathToFileURL(path.join(installedPackage().folder, "dist", path.sep)).href;
    return modules.filter((module) => !module.startsWith(own));
  } catch (error) {
    if (!(error instanceof NotInstalled)) throw error;
    return [];
  }
}

function importsOf(module: string): readonly string[] {
  const known = imported.get(module);
  if (known !== undefined) return known;
  const source = writtenSource(fileURLToPath(module));
  const code = source.length > MOST_CHARACTERS ? "" : source.replace(COMMENT, "$1");
  const matches = [...code.matchAll(STATIC_IMPORT)];
  const modules = matches.flatMap(([, specifier]) => realModule(new URL(specifier!, module)) ?? []);
  imported.set(module, modules);
  return modules;
}

/** As Node names a module. */
function realModule(url: URL): string | undefined {
  try {
    return pathToFileURL(realpathSync(url)).href;
  } catch {
    // ./work.js for work.ts, or text that only looks like an import.
    return undefined;
  }
}
