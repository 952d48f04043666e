/**
 * A class as syntax.
 */
import type { AnyNode, ClassExpression } from "acorn";
import { syntaxChildren } from "../syntax-children.ts";

export type ClassNode = ClassExpression;

/** The text of a part of a class that was parsed in parentheses. */
export function withinText(
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
): string {
  return text.slice(start - 1, end - 1);
}

/** Something in the class assigns `#name`, or may. */
export function isChangeable(node: ClassNode, name: string): boolean {
  return some(node, (part) => {
    const target = targetOf(part);
    return (
      target !== undefined &&
      some(target, ({ type, ...rest }) => {
        return type === "PrivateIdentifier" && (rest as { name?: string }).name === name;
      })
    );
  });
}

function targetOf(node: AnyNode): AnyNode | undefined {
  switch (node.type) {
    case "AssignmentExpression":
    case "ForInStatement":
    case "ForOfStatement":
      return node.left;
    case "UpdateExpression":
      return node.argument;
    default:
      return undefined;
  }
}

function some(node: AnyNode, test: (part: AnyNode) => boolean): boolean {
  return test(node) || syntaxChildren(node).some((child) => some(child, test));
}
