/**
 * What a module imports, by local name: a captured import is imported again in the worker, from the same specifier.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ImportDeclaration } from "acorn";
import { scriptSource } from "../../inspect/scripts.ts";
import { loadAcorn } from "../acorn.ts";

interface ImportBinding {
  readonly specifier: string;
  /** The exported name, `*` for the namespace. */
  readonly imported: string;
}

const known = new Map<string, ReadonlyMap<string, ImportBinding>>();

/** Empty for a module that cannot be read: its imports are then captured like anything else. */
export function importBindings({ scriptId, url }: Script): ReadonlyMap<string, ImportBinding> {
  const before = known.get(scriptId);
  if (before !== undefined) return before;
  // A file in TypeScript is no JavaScript; what V8 runs of it is.
  const bindings =
    bindingsOf(fileText(url)) ?? bindingsOf(scriptSource(scriptId)) ?? new Map<string, ImportBinding>();
  known.set(scriptId, bindings);
  return bindings;
}

/** `scriptId`: V8's number of what was made of the file at `url`. */
interface Script {
  readonly scriptId: string;
  readonly url: string;
}

function bindingsOf(source: string | undefined): Map<string, ImportBinding> | undefined {
  if (source === undefined) return undefined;
  const { parse } = loadAcorn();
  try {
    const { body } = parse(source, {
      ecmaVersion: "latest",
      sourceType: "module",
      allowHashBang: true,
    });
    const bindings = new Map<string, ImportBinding>();
    for (const statement of body) {
      if (statement.type !== "ImportDeclaration") continue;
      for (const binding of statement.specifiers) {
        const specifier = String(statement.source.value);
        bindings.set(binding.local.name, { specifier, imported: importedName(binding) });
      }
    }
    return bindings;
  } catch {
    return undefined;
  }
}

type Specifier = ImportDeclaration["specifiers"][number];

function importedName(binding: Specifier): string {
  switch (binding.type) {
    case "ImportNamespaceSpecifier":
      return "*";
    case "ImportDefaultSpecifier":
      return "default";
    case "ImportSpecifier":
      return binding.imported.type === "Identifier" ? binding.imported.name : String(binding.imported.value);
  }
}

function fileText(url: string): string | undefined {
  try {
    return /\.[cm]?js$/.test(url) ? readFileSync(fileURLToPath(url), "utf8") : undefined;
  } catch {
    return undefined;
  }
}
