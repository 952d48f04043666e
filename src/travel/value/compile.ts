/**
 * A captured text into a function again, under the name, line and column that it was written at, so that its stack traces are
 * the original's. Only what this program captured of its own code is ever compiled here.
 */
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import vm from "node:vm";
import type { AnyFunction } from "../../core/function-handle.ts";
import { isFileUrl } from "../call-site.ts";
import type { CaptureNode, FunctionNode } from "./capture-nodes.ts";
import { swallowLoaderWarning } from "./loader-warning.ts";
import { META } from "./rewrite.ts";

export type Setter = (value: unknown) => void;

export interface Compiled {
  make(): AnyFunction;
  /** One for each free name. */
  readonly set: readonly Setter[];
}

/** Free names are parameters of a function around the text, set once everything is there. */
export function compile(node: FunctionNode, values: readonly unknown[]): Compiled {
  const { expression, lead, free, strict, requires, meta, imports, url, line, column } = node;
  const names = free.map(({ name }) => name);
  const setters = names.map((name) => `($offloopValue) => { ${name} = $offloopValue; }`).join(", ");
  const before = `${strict ? '"use strict"; ' : ""}return { set: [${setters}], make: () => `;
  const parameters = [...names, ...(requires ? ["require"] : []), ...(meta ? [META] : [])];
  const compiled = vm.compileFunction(`${before}${expression} };`, parameters, {
    filename: url,
    lineOffset: line - 1,
    columnOffset: column - 1 - before.length - lead,
    ...(imports && importing()),
  }) as (...values: unknown[]) => Compiled;
  const ofModule = [...(requires ? [createRequire(fileOf(url))] : []), ...(meta ? [metaOf(url)] : [])];
  return compiled(...values, ...ofModule);
}

/** @throws what importing throws */
export async function importBinding({
  specifier,
  imported,
  parent,
}: Extract<CaptureNode, { type: "import" }>): Promise<unknown> {
  const importFrom = vm.compileFunction("return import(specifier)", ["specifier"], {
    filename: parent,
    ...importing(),
  }) as (specifier: string) => Promise<Record<string, unknown>>;
  const namespace = await importFrom(specifier);
  return imported === "*" ? namespace : namespace[imported];
}

function importing(): Pick<vm.CompileFunctionOptions, "importModuleDynamically"> {
  swallowLoaderWarning();
  return { importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER };
}

/** Code without a file resolves as Node resolves it: from the working directory. */
function fileOf(url: string): string {
  return isFileUrl(url) ? fileURLToPath(url) : path.join(process.cwd(), "[eval]");
}

function metaOf(url: string): object {
  const filename = fileOf(url);
  const { resolve } = createRequire(filename);
  return {
    url,
    filename,
    dirname: path.dirname(filename),
    resolve: (specifier: string): string => {
      const found = resolve(specifier);
      return path.isAbsolute(found) ? pathToFileURL(found).href : found;
    },
  };
}
