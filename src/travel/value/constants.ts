/**
 * Variables that nothing ever assigns again, from the source of their whole script. A function that captures nothing else
 * needs no second look at its variables.
 *
 * By name, so a name that any function of the file assigns counts as assigned everywhere: that costs time, never truth.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { AnyNode, Pattern } from "acorn";
import { scriptSource } from "../../inspect/scripts.ts";
import { isFileUrl } from "../call-site.ts";
import { loadAcorn } from "../acorn.ts";
import { patternNames } from "./declared-names.ts";
import type { FunctionSource } from "./function-source.ts";

// Parsing takes about a millisecond for 10 kB, in the event loop. A bundle is not worth that.
const MOST_CHARACTERS = 300_000;
// Most functions are sent once or twice.
const LOOKS_BEFORE = 8;

const looks = new Map<string, number>();
const assigned = new Map<string, ReadonlySet<string> | undefined>();

export function isConstant(source: FunctionSource, name: string): boolean {
  const { scriptId } = source;
  const looked = (looks.get(scriptId) ?? 0) + 1;
  looks.set(scriptId, looked);
  if (looked < LOOKS_BEFORE) return false;
  if (!assigned.has(scriptId)) assigned.set(scriptId, assignedNames(textOf(source)));
  return assigned.get(scriptId)?.has(name) === false;
}

/** What V8 runs: the file, unless something transformed it. */
function textOf({ scriptId, url, line, column, text }: FunctionSource): string | undefined {
  try {
    const file = isFileUrl(url) ? readFileSync(fileURLToPath(url), "utf8") : "";
    const at =
      file
        .split("\n", line)
        .at(-1)
        ?.slice(column - 1) ?? "";
    const [firstLine = ""] = text.split("\n", 1);
    if (at.includes(firstLine) && file.includes(text)) return file;
  } catch {
    // It was deleted.
  }
  return scriptSource(scriptId);
}

/** Undefined when it cannot be known: too long, or code that no reader sees. */
function assignedNames(text: string | undefined): ReadonlySet<string> | undefined {
  if (text === undefined || text.length > MOST_CHARACTERS) return undefined;
  // `eval` and `with` may assign anything, `arguments[0] = 1` a parameter.
  if (/\beval\s*\(|\bwith\s*\(|\barguments\s*\[/.test(text)) return undefined;
  const { parse } = loadAcorn();
  for (const sourceType of ["module", "script"] as const) {
    try {
      const options = { ecmaVersion: "latest", sourceType, allowHashBang: true } as const;
      const names = new Set<string>();
      collect(parse(text, { ...options, allowReturnOutsideFunction: true }), names);
      return names;
    } catch {
      // Not in this kind of source.
    }
  }
  return undefined;
}

function collect(node: AnyNode, names: Set<string>): void {
  switch (node.type) {
    case "AssignmentExpression":
      patternNames(node.left, names);
      break;
    case "UpdateExpression":
      patternNames(node.argument as Pattern, names);
      break;
    case "ForInStatement":
    case "ForOfStatement":
      if (node.left.type !== "VariableDeclaration") patternNames(node.left, names);
      else if (node.left.kind === "var") collectDeclared(node.left, names);
      break;
    case "VariableDeclaration":
      // One variable for all turns of a loop around it.
      if (node.kind === "var") collectDeclared(node, names);
      break;
    default:
      break;
  }
  for (const value of Object.values(node) as unknown[]) {
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof (child as { type?: unknown } | null)?.type === "string") collect(child as AnyNode, names);
    }
  }
}

function collectDeclared(
  { declarations }: Extract<AnyNode, { type: "VariableDeclaration" }>,
  names: Set<string>,
): void {
  for (const { id } of declarations) patternNames(id, names);
}
