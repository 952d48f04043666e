/**
 * Whether a function is strict, which decides what it does without a word: `this`, `arguments`, undeclared and read-only
 * variables. V8 tells it of some functions only.
 */
import type { AnyNode } from "acorn";
import type { AnyFunction } from "../../core/function-handle.ts";
import { loadAcorn } from "../acorn.ts";
import { lineStarts } from "../offset-of.ts";
import { syntaxChildren } from "../syntax-children.ts";
import type { ParsedFunction } from "./parse-function.ts";
import { type Place, scriptTexts } from "./script-text.ts";

/** Undefined when nothing tells: its script cannot be read. */
export function isStrict(fn: AnyFunction, { kind, ast }: ParsedFunction, place: Place): boolean | undefined {
  if (isSloppy(fn)) return false;
  const [statement] = ast.body;
  const node = statement?.type === "ExpressionStatement" ? statement.expression : undefined;
  if (kind === "class") return true;
  if (kind === "function" && node?.type === "FunctionExpression" && !node.async && !node.generator) {
    return true;
  }
  // Arrows, methods, generators and async functions have none either way. What is around them decides.
  return isStrictPlace(place);
}

/** Node 24 (V8 13.6) has it as an own property, Node 26 (V8 14.6) as an accessor that all functions inherit. */
const inheritedCaller = Object.getOwnPropertyDescriptor(Function.prototype, "caller")?.get;

/** A sloppy function lets its `caller` be read, which throws for every other (ECMAScript, "Forbidden Extensions"). */
function isSloppy(fn: AnyFunction): boolean {
  if (Object.hasOwn(fn, "caller")) return true;
  try {
    inheritedCaller?.call(fn);
    return inheritedCaller !== undefined;
  } catch {
    return false;
  }
}

interface StrictParts {
  readonly spans: readonly (readonly [start: number, end: number])[];
  readonly lines: readonly number[];
}

const NONE: StrictParts = { spans: [], lines: [] };

const known = new Map<string, StrictParts | undefined>();

function isStrictPlace(place: Place): boolean | undefined {
  const { scriptId, line, column } = place;
  if (!known.has(scriptId)) known.set(scriptId, strictPartsOf(place));
  const parts = known.get(scriptId);
  if (parts === undefined) return undefined;
  const at = (parts.lines[line - 1] ?? 0) + column - 1;
  return parts.spans.some(([start, end]) => start <= at && at < end);
}

function strictPartsOf(place: Place): StrictParts | undefined {
  // What is in no text has no scope around it.
  let parts: StrictParts | undefined = NONE;
  for (const text of scriptTexts(place)) if ((parts = strictParts(text)) !== undefined) break;
  return parts;
}

/** Functions with the directive, and classes. However long it is: a guess would be silently wrong. */
function strictParts(text: string): StrictParts | undefined {
  if (!/use strict|\bclass\b/.test(text)) return NONE;
  const spans: [number, number][] = [];
  const collect = (node: AnyNode): void => {
    if (isStrictByItself(node)) spans.push([node.start, node.end]);
    else for (const child of syntaxChildren(node)) collect(child);
  };
  const { parse } = loadAcorn();
  const options = { ecmaVersion: "latest", sourceType: "script", allowHashBang: true } as const;
  try {
    collect(parse(text, { ...options, allowReturnOutsideFunction: true }));
  } catch {
    // TypeScript, or what only V8 knows.
    return undefined;
  }
  return { spans, lines: lineStarts(text) };
}

function isStrictByItself(node: AnyNode): boolean {
  switch (node.type) {
    case "ClassDeclaration":
    case "ClassExpression":
      return true;
    case "Program":
      return hasDirective(node.body);
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      return node.body.type === "BlockStatement" && hasDirective(node.body.body);
    default:
      return false;
  }
}

function hasDirective(body: readonly AnyNode[]): boolean {
  return body.some((node) => node.type === "ExpressionStatement" && node.directive === "use strict");
}
