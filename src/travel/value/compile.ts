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
import { importBefore, importFrom, importing } from "../import-from.ts";
import type { CaptureNode, FunctionNode } from "./capture-nodes.ts";
import { META } from "./rewrite.ts";

export type Setter = (value: unknown) => void;

export interface Compiled {
  make(): AnyFunction;
  /** One for each free name. */
  readonly set: readonly Setter[];
}

type Factory = (...values: unknown[]) => Compiled;

// A closure that is sent again and again is compiled once, and what V8 has learnt about it stays.
const factories = new Map<string, Factory>();
const MOST_KEPT = 1_000;

/** Free names are parameters of a function around the text, set once everything is there. */
export function compile(node: FunctionNode, values: readonly unknown[]): Compiled {
  const { requires, meta, url } = node;
  const names = node.free.map(({ name }) => name);
  const { strict, line, column } = node;
  const key = `${names.join()} ${strict} ${requires} ${meta} ${line}:${column} ${url}\n${node.expression}`;
  const factory = factories.get(key) ?? makeFactory(node, names);
  if (factories.size >= MOST_KEPT) factories.clear();
  factories.set(key, factory);
  const ofModule = [...(requires ? [createRequire(fileOf(url))] : []), ...(meta ? [metaOf(url)] : [])];
  return factory(...values, ...ofModule);
}

function makeFactory(node: FunctionNode, names: readonly string[]): Factory {
  const { expression, anchor, strict, requires, meta, imports, url, line, column } = node;
  const setters = names.map((name) => `($offloopValue) => { ${name} = $offloopValue; }`).join(", ");
  const before = `${strict ? '"use strict"; ' : ""}return { set: [${setters}], make: () => `;
  const linesBefore = expression.slice(0, anchor).split("\n").length;
  const parameters = [...names, ...(requires ? ["require"] : []), ...(meta ? [META] : [])];
  return vm.compileFunction(`${before}${expression} };`, parameters, {
    filename: url,
    lineOffset: line - linesBefore,
    // Where the anchor is not in the first line, nobody knows that line's first column.
    columnOffset: (linesBefore === 1 ? column - 1 - anchor : 0) - before.length,
    ...(imports && importing()),
  }) as Factory;
}

/** @throws what importing throws */
export async function importBinding(node: Extract<CaptureNode, { type: "import" }>): Promise<unknown> {
  const { specifier, imported, parent } = node;
  await importBefore(node, parent);
  const namespace = await importFrom(specifier, parent);
  return imported === "*" ? namespace : namespace[imported];
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
