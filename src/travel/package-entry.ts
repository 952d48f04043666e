/**
 * What a worker imports before a module of a package: the package's entry. A program gets a package's functions through that,
 * and it may do more than export: terser's gives methods to the classes that its other modules define. Whoever imported the
 * defining module alone would miss that.
 *
 * Bundlers leave a package's other modules out by the same rule: only where its package.json says `"sideEffects": false`.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { requireFrom } from "../core/installed-package.ts";
import { isProgramIn } from "./entry.ts";

/** What there is to spread into a reference. */
export interface Before {
  /** A specifier, as the module itself would import it. */
  readonly before?: string;
}

const PACKAGE = /^file:.*\/node_modules\/((?:@[^/]+\/)?[^/@][^/]*)\//;

const known = new Map<string, string | undefined>();

/** @param module URL of an ES module. Which of its package's modules are loaded, nobody tells. */
export function beforeModule(module: string): Before {
  return spread(packageOf(module));
}

/** @param module URL of a CommonJS module. Its package's entry counts only when the program has loaded it. */
export function beforeCommonJs(module: string): Before {
  const name = packageOf(module);
  if (name === undefined) return {};
  const require = requireFrom(module);
  try {
    const entry = require.resolve(name);
    const isLoaded = require.cache[entry] !== undefined && entry !== fileURLToPath(module);
    return spread(isLoaded ? pathToFileURL(entry).href : undefined);
  } catch {
    // A package without an entry.
    return {};
  }
}

function spread(before: string | undefined): Before {
  return before === undefined ? {} : { before };
}

/** Undefined where a module may be imported alone, and for the package that is running: its entry would run again. */
function packageOf(module: string): string | undefined {
  const [folder, name] = PACKAGE.exec(module) ?? [];
  if (folder === undefined || name === undefined) return undefined;
  if (!known.has(folder)) {
    known.set(folder, hasSideEffects(folder) && !isProgramIn(fileURLToPath(folder)) ? name : undefined);
  }
  return known.get(folder);
}

function hasSideEffects(folder: string): boolean {
  try {
    const manifest = JSON.parse(readFileSync(new URL("package.json", folder), "utf8")) as {
      readonly sideEffects?: unknown;
    };
    return manifest.sideEffects !== false;
  } catch {
    return false;
  }
}
