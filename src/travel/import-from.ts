/**
 * `import(specifier)` as a module elsewhere would resolve it.
 */
import vm from "node:vm";
import { swallowLoaderWarning } from "./loader-warning.ts";
import type { Before } from "./package-entry.ts";

/** @throws what importing throws */
export async function importFrom(specifier: string, parent: string): Promise<Record<string, unknown>> {
  const importThere = vm.compileFunction("return import(specifier)", ["specifier"], {
    filename: parent,
    ...importing(),
  }) as (specifier: string) => Promise<Record<string, unknown>>;
  return importThere(specifier);
}

/** A package without an entry, or with one for other platforms: the program has not come through it either. */
export async function importBefore({ before }: Before, parent: string): Promise<void> {
  if (before !== undefined) await importFrom(before, parent).catch(() => {});
}

/** For code that contains `import(…)`: it resolves from the code's file name. */
export function importing(): Pick<vm.CompileFunctionOptions, "importModuleDynamically"> {
  swallowLoaderWarning();
  return { importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER };
}
