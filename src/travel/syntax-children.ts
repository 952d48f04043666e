/**
 * The parts of a piece of syntax, whatever it is.
 */
import type { AnyNode } from "acorn";

export function syntaxChildren(node: AnyNode): AnyNode[] {
  return Object.values(node).flatMap((value: unknown) =>
    (Array.isArray(value) ? (value as unknown[]) : [value]).filter(isSyntax),
  );
}

export function isSyntax(value: unknown): value is AnyNode {
  return typeof (value as { type?: unknown } | null | undefined)?.type === "string";
}
