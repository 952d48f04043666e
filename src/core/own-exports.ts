/**
 * What this package itself exports: a function that uses `currentTask` means that of the worker it runs in. Under a bundler or a
 * test runner it holds no import of it, only the function.
 */
import { pathToFileURL } from "node:url";
import { installedPackage } from "./installed-package.ts";
import { sharedInRealm } from "./realm.ts";

export interface OwnExport {
  readonly specifier: string;
  readonly imported: string;
  /** URL of the module to resolve it from. */
  readonly parent: string;
}

const exported = sharedInRealm(
  "exports",
  () => new WeakMap<object, Pick<OwnExport, "specifier" | "imported">>(),
);

export function markOwnExports(specifier: string, namespace: Readonly<Record<string, unknown>>): void {
  for (const [imported, value] of Object.entries(namespace)) {
    if (typeof value === "function") exported.set(value, { specifier, imported });
  }
}

/** @throws NotInstalled */
export function ownExport(value: object): OwnExport | undefined {
  const found = exported.get(value);
  return found && { ...found, parent: pathToFileURL(`${installedPackage().folder}/package.json`).href };
}
