/**
 * What a worker knows of `import.meta` by itself: where the module is. Bundlers and test runners add what they like.
 */
import type { MemberExpression } from "acorn";

const KNOWN = new Set(["url", "filename", "dirname", "resolve"]);

/** The name of another member of it. */
export function foreignMember({ object, property, computed }: MemberExpression): string | undefined {
  if (object.type !== "MetaProperty" || object.meta.name !== "import") return undefined;
  const name = computed || property.type !== "Identifier" ? "…" : property.name;
  return KNOWN.has(name) ? undefined : name;
}
