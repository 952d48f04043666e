/**
 * Where a function was written and in which scopes it lives, from V8 itself.
 */
import type { AnyFunction } from "../core/function-handle.ts";
import { post, readScope, withRemote } from "./inspector.ts";
import { scriptUrl } from "./scripts.ts";

export interface FunctionLocation {
  /** V8's number of the script; {@link urlOf} is dear, and not every caller needs it. */
  readonly scriptId: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** The scopes it closes over, innermost first. Those that V8 found nothing captured in are left out. */
  readonly scopes: readonly FunctionScope[];
}

export interface FunctionScope {
  readonly kind: "Module" | "Global" | "Script" | "Closure" | "Block" | "Catch" | "Other";
  /** The function whose scope it is. */
  readonly of: string | undefined;
  readonly names: readonly string[];
}

interface Property {
  readonly name: string;
  readonly value?: { readonly objectId?: string; readonly description?: string; readonly value?: unknown };
}

/** Undefined for functions that have no source. @throws NoInspector */
export function locate(fn: AnyFunction): FunctionLocation | undefined {
  return withRemote(fn, (objectId) => {
    const internals = internalsOf(objectId);
    const at = internals.get("[[FunctionLocation]]")?.value as
      { scriptId: string; lineNumber: number; columnNumber: number } | undefined;
    if (at === undefined) return undefined;
    const scopes = scopeObjects(internals).map(describeScope);
    return { scriptId: at.scriptId, line: at.lineNumber + 1, column: at.columnNumber + 1, scopes };
  });
}

/** URL of the script that a function is in; empty for code without a file. */
export function urlOf({ scriptId }: FunctionLocation): string {
  return scriptUrl(scriptId) ?? "";
}

/** `line:column` */
export function placeOf({ line, column }: FunctionLocation): string {
  return `${line}:${column}`;
}

/**
 * The value of a name as the function sees it, or as a scope of one kind among its scopes has it. Undefined when there is
 * none. @throws NoInspector
 */
export function lookUp(fn: AnyFunction, name: string, where?: FunctionScope["kind"]): unknown {
  return withRemote(fn, (objectId) => {
    for (const scope of scopeObjects(internalsOf(objectId))) {
      if (scope.objectId === undefined || scope.description === "Global") continue;
      if (where !== undefined && scope.description !== where) continue;
      if (namesIn(scope.objectId).includes(name)) return readScope(scope.objectId, name);
    }
    return undefined;
  });
}

type Remote = NonNullable<Property["value"]>;

function internalsOf(objectId: string): Map<string, Remote> {
  const { internalProperties } = post<{ internalProperties?: Property[] }>("Runtime.getProperties", {
    objectId,
    ownProperties: true,
  });
  return new Map(
    (internalProperties ?? []).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );
}

function scopeObjects(internals: Map<string, Remote>): Remote[] {
  const list = internals.get("[[Scopes]]")?.objectId;
  if (list === undefined) return [];
  const { result } = post<{ result: Property[] }>("Runtime.getProperties", {
    objectId: list,
    ownProperties: true,
  });
  return result.flatMap(({ name, value }) => (/^\d+$/.test(name) && value !== undefined ? [value] : []));
}

function namesIn(objectId: string): string[] {
  const { result } = post<{ result: Property[] }>("Runtime.getProperties", { objectId, ownProperties: true });
  return result.map(({ name }) => name);
}

const KINDS = new Set(["Module", "Global", "Script", "Closure", "Block", "Catch"]);

function describeScope({ description = "", objectId }: Remote): FunctionScope {
  const [, kind = "", of] = /^(\w+)(?: \((.+)\))?/.exec(description) ?? [];
  return {
    kind: (KINDS.has(kind) ? kind : "Other") as FunctionScope["kind"],
    of,
    // The global scope has hundreds of names and nobody asks for them.
    names: objectId === undefined || kind === "Global" ? [] : namesIn(objectId),
  };
}
