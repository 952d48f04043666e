/**
 * The names that a piece of syntax declares.
 */
import type { AnyNode, Pattern } from "acorn";
import { isSyntax } from "../syntax-children.ts";

/** Names in a parameter, a declarator or a `catch`. */
export function patternNames(pattern: Pattern | null | undefined, into = new Set<string>()): Set<string> {
  switch (pattern?.type) {
    case "Identifier":
      into.add(pattern.name);
      break;
    case "ObjectPattern":
      for (const property of pattern.properties) {
        patternNames(property.type === "RestElement" ? property.argument : property.value, into);
      }
      break;
    case "ArrayPattern":
      for (const element of pattern.elements) patternNames(element, into);
      break;
    case "AssignmentPattern":
      patternNames(pattern.left, into);
      break;
    case "RestElement":
      patternNames(pattern.argument, into);
      break;
    default:
      break;
  }
  return into;
}

/** `let`, `const`, `class` and function names of one block. */
export function blockNames(body: readonly AnyNode[]): Set<string> {
  const names = new Set<string>();
  for (const statement of body) {
    if (statement.type === "VariableDeclaration" && statement.kind !== "var") {
      for (const { id } of statement.declarations) patternNames(id, names);
    } else if (statement.type === "FunctionDeclaration" || statement.type === "ClassDeclaration") {
      if (statement.id !== null) names.add(statement.id.name);
    } else {
      for (const name of blockNames(bodiesOf(statement))) names.add(name);
    }
  }
  return names;
}

/** Functions without a block of their own: `a: function f() {}` and, in sloppy code, `if (a) function f() {}`. */
function bodiesOf(statement: AnyNode): AnyNode[] {
  if (statement.type === "LabeledStatement") return [statement.body];
  if (statement.type !== "IfStatement") return [];
  return [statement.consequent, statement.alternate].filter(
    (branch) => branch?.type === "FunctionDeclaration",
  );
}

/**
 * `var` names anywhere in a function's body. Not functions in blocks, which sloppy code hoists and strict code does not: a name
 * that counts as free without need is one variable more around a text that declares its own.
 */
export function hoistedNames(nodes: readonly unknown[], into = new Set<string>()): Set<string> {
  for (const node of nodes) {
    if (Array.isArray(node)) hoistedNames(node, into);
    if (!isSyntax(node)) continue;
    if (/^(Function|ArrowFunction|Class)/.test(node.type)) continue;
    if (node.type === "VariableDeclaration" && node.kind === "var") {
      for (const { id } of node.declarations) patternNames(id, into);
    }
    hoistedNames(Object.values(node), into);
  }
  return into;
}
