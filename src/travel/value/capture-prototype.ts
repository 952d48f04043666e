/**
 * The prototype that a captured function gives its instances: what was done to the one that its text makes, or another one.
 */
import type { AnyFunction } from "../../core/function-handle.ts";
import type { FunctionNode, Own } from "./capture-nodes.ts";
import type { CapturedSource } from "./capture-source.ts";
import { otherPrototypeOf, prototypeFields, prototypeOf, prototypeParentOf } from "./function-fields.ts";
import type { Walk } from "./walk.ts";

type Prototypes = Pick<FunctionNode, "prototype" | "prototypeParent" | "otherPrototype">;

export const NOTHING: Own = { fields: [] };

export function capturePrototype(
  fn: AnyFunction,
  { kind, written }: Pick<CapturedSource, "kind" | "written">,
  path: string,
  walk: Walk,
): Prototypes {
  const at = `${path}.prototype`;
  const other = otherPrototypeOf(fn, kind);
  if (other !== undefined) return { prototype: NOTHING, otherPrototype: walk.value(other.value, at) };
  const prototype = prototypeOf(fn);
  if (prototype === undefined) return { prototype: NOTHING };
  const own = walk.own(prototype, prototypeFields(fn, written)!, at);
  const parent = prototypeParentOf(fn, kind);
  if (parent === undefined) return { prototype: own };
  return { prototype: own, prototypeParent: walk.value(parent, `${at} (its parent)`) };
}
