/**
 * A captured function that a worker finds by name. Others are captured themselves: a guess that failed in the worker would
 * fail the whole call.
 */
import type { AnyFunction } from "../../core/function-handle.ts";
import { builtinReference } from "../builtins.ts";
import { namedCommonJsExport } from "../cjs-export.ts";
import { entryRole } from "../entry.ts";
import { beforeCommonJs } from "../package-entry.ts";
import { type FunctionReference, likeness, sourceOf } from "../reference.ts";
import { registeredReference, wrapsOf } from "../registry.ts";
import { isUnloadable } from "../unloadable.ts";

export function knownReference(fn: AnyFunction): FunctionReference | undefined {
  const builtin = builtinReference(fn);
  if (builtin !== undefined) return builtin;
  const text = sourceOf(fn);
  const wrap = wrapsOf(fn).find(({ module, repeated }) => isThere(module) && !repeated.has(text));
  if (wrap !== undefined) return registeredReference(fn, wrap);
  const named = namedCommonJsExport(fn, text);
  if (named === undefined || !isThere(named.module)) return undefined;
  const { module, path } = named;
  return { kind: "exported", module, ...beforeCommonJs(module), by: { path }, ...likeness(fn) };
}

function isThere(module: string): boolean {
  return !isUnloadable(module) && ["elsewhere", "guarded"].includes(entryRole(module));
}
