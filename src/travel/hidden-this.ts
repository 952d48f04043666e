/**
 * Whether a function uses something of its surroundings that V8 does not list among its scopes: an arrow function the `this`
 * or `new.target` of the function around it, a method the `super` of its object. Two functions of one text at one place may
 * differ in nothing but that.
 */
import type * as acornModule from "acorn";
import { loadAcorn } from "./acorn.ts";

type Acorn = typeof acornModule;
type Node = acornModule.Node;

// A function declaration or expression has its own `this`, and `super` is a syntax error in it.
const HAS_ITS_OWN = /^(?:async\s*)?function\b/;
const MENTIONS = /\b(?:this|super|eval|new\s*\.\s*target)\b/;

/** True also for what cannot be parsed. */
export function usesHiddenThis(text: string): boolean {
  if (HAS_ITS_OWN.test(text) || !MENTIONS.test(text)) return false;
  const acorn = loadAcorn();
  const arrow = parse(acorn, `(${text})`, "ArrowFunctionExpression");
  if (arrow !== undefined) return uses(arrow, "arrow");
  const method = parse(acorn, `(class extends Object { ${text} })`, "ClassExpression");
  if (method === undefined) return true;
  const [member] = (method as unknown as ClassNode).body.body;
  return member?.value == null || uses(member.value, "method");
}

type ClassNode = { body: { body: { value?: Node }[] } };

function parse({ parseExpressionAt }: Acorn, source: string, type: string): Node | undefined {
  // import.meta is for modules only, some old syntax for scripts only.
  for (const sourceType of ["module", "script"] as const) {
    try {
      const node: Node = parseExpressionAt(source, 0, { ecmaVersion: "latest", sourceType });
      if (node.type === type) return node;
    } catch {
      // Not in this kind of source.
    }
  }
  return undefined;
}

/** `inside` tells whose `this` it is: an arrow's is from outside, a method's its own. `super` is from outside for both. */
function uses(node: Node, inside: "arrow" | "method"): boolean {
  return children(node).some((child) => {
    switch (child.type) {
      case "Super":
        return true;
      case "ThisExpression":
      case "MetaProperty":
        return inside === "arrow" && !isImportMeta(child);
      case "CallExpression":
        return isEval(child) || uses(child, inside);
      case "FunctionExpression":
      case "FunctionDeclaration":
        // Its own `this`; as a method of an object or a class also its own `super`.
        return false;
      default:
        return uses(child, inside);
    }
  });
}

/** Of a class only what its surroundings see: heritage and computed names. The rest has its own `this`. */
function children(node: Node): Node[] {
  const owned = node.type === "PropertyDefinition" || node.type === "StaticBlock";
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) =>
    owned && key !== "key" ? [] : [value].flat().filter(isNode),
  );
}

function isNode(value: unknown): value is Node {
  return (
    typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string"
  );
}

function isImportMeta(node: Node): boolean {
  return (node as unknown as { meta?: { name: string } }).meta?.name === "import";
}

/** Code that nobody can see here, with the scope of the caller. */
function isEval(node: Node): boolean {
  const { callee } = node as unknown as { callee: Node & { name?: string } };
  return callee.type === "Identifier" && callee.name === "eval";
}
