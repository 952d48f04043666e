/**
 * Whether a function is strict, which decides what it does without a word: `this`, `arguments`, undeclared and read-only
 * variables. V8 tells it of some functions only.
 */
import type { AnyNode } from "acorn";
import type { AnyFunction } from "../../core/function-handle.ts";
import { loadAcorn } from "../acorn.ts";
import type { ParsedFunction } from "./parse-function.ts";
import { offsetOf, type Place, scriptText } from "./script-text.ts";

export function isStrict(fn: AnyFunction, { kind, ast }: ParsedFunction, place: Place): boolean {
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

type Span = readonly [start: number, end: number];

const known = new Map<string, { readonly text: string; readonly strict: readonly Span[] }>();

function isStrictPlace(place: Place): boolean {
  const { scriptId, line, column } = place;
  let script = known.get(scriptId);
  if (script === undefined) {
    const text = scriptText(place) ?? "";
    known.set(scriptId, (script = { text, strict: strictParts(text) }));
  }
  const at = offsetOf(script.text, line, column);
  return script.strict.some(([start, end]) => start <= at && at < end);
}

/** Functions with the directive, and classes. */
function strictParts(text: string): Span[] {
  if (!/use strict|\bclass\b/.test(text)) return [];
  const parts: Span[] = [];
  const collect = (node: AnyNode): void => {
    if (isStrictByItself(node)) return void parts.push([node.start, node.end]);
    for (const value of Object.values(node) as unknown[]) {
      for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
        if (typeof (child as { type?: unknown } | null)?.type === "string") collect(child as AnyNode);
      }
    }
  };
  collect(
    loadAcorn().parse(text, {
      ecmaVersion: "latest",
      sourceType: "script",
      allowHashBang: true,
      allowReturnOutsideFunction: true,
    }),
  );
  return parts;
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
