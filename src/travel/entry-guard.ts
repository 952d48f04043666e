/**
 * Whether a program's entry keeps its main part from running when a worker imports it: by a look at its source.
 */
import type { AnyNode } from "acorn";
import { loadAcorn } from "./acorn.ts";
import { syntaxChildren } from "./syntax-children.ts";

/** In threads only: `isMainThread` is true in a child process. */
export type Guard = "everywhere" | "in-threads";

const SELF = String.raw`(?:import\.meta\.(?:url|filename)|__filename)`;
const ARGV = String.raw`process\.argv\[1\]`;
const GUARDS = [
  /\bimport\.meta\.main\b/,
  /\brequire\.main\s*===?\s*module\b|\bmodule\s*===?\s*require\.main\b/,
  // What there was before import.meta.main: import.meta.url === pathToFileURL(process.argv[1]).href, and the like.
  new RegExp(String.raw`${SELF}[^\n;]*===?[^\n;]*${ARGV}|${ARGV}[^\n;]*===?[^\n;]*${SELF}`),
];
// In a condition: merely importing the name guards nothing.
const THREAD_GUARD = /\bif\s*\([^\n)]*\bisMainThread\b|\bisMainThread\s*(?:&&|\|\||\?)/;

/** Undefined when there is none. */
export function guardOf(source: string, file: string): Guard | undefined {
  if (kindOf(source) === undefined) return undefined;
  // A comment sign inside a string hides the rest of its line: that errs on the side of refusing.
  if (/\.(?:[cm]?ts|[jt]sx)$/.test(file)) return kindOf(source.replace(/\/\*[^]*?\*\/|\/\/.*/g, ""));
  return kindOf(topLevelCode(source));
}

function kindOf(code: string): Guard | undefined {
  if (GUARDS.some((guard) => guard.test(code))) return "everywhere";
  return THREAD_GUARD.test(code) ? "in-threads" : undefined;
}

/**
 * Without comments, strings, functions and classes. A bundle has the guards of every package in it, and those guard nothing
 * of the program's; bundlers put a function around them. Empty when it cannot be read.
 */
function topLevelCode(source: string): string {
  const { parse } = loadAcorn();
  for (const sourceType of ["module", "script"] as const) {
    try {
      const hidden: [number, number][] = [];
      const onComment = (_block: boolean, _text: string, start: number, end: number): void =>
        void hidden.push([start, end]);
      const options = { ecmaVersion: "latest", sourceType, allowHashBang: true, onComment } as const;
      collectHidden(parse(source, { ...options, allowReturnOutsideFunction: true }), hidden);
      return without(source, hidden);
    } catch {
      // Not in this kind of source.
    }
  }
  return "";
}

const INNER = /Function|^Class|^TemplateElement$/;

function collectHidden(node: AnyNode, hidden: [number, number][]): void {
  const isText = node.type === "Literal" && typeof node.value === "string";
  if (isText || INNER.test(node.type)) return void hidden.push([node.start, node.end]);
  for (const child of syntaxChildren(node)) collectHidden(child, hidden);
}

function without(source: string, spans: readonly (readonly [number, number])[]): string {
  const ordered = [...spans].sort(([a], [b]) => a - b);
  let code = "";
  let at = 0;
  for (const [start, end] of ordered) {
    if (start < at) continue;
    code += source.slice(at, start);
    at = end;
  }
  return code + source.slice(at);
}
