/**
 * Where a function was written and in which scopes it lives, from V8 itself.
 */
import type { AnyFunction } from "../core/function-handle.ts";
import { withRemote } from "./inspector.ts";
import { internalsOf, type OpenScope, type ScopeKind, scopesOf } from "./internals.ts";
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
  readonly kind: ScopeKind;
  /** The function whose scope it is. */
  readonly of: string | undefined;
  /** Its variables; of a module and the global scope none are told. */
  readonly names: readonly string[];
}

/** Undefined for functions that have no source. @throws NoInspector */
export function locate(fn: AnyFunction): FunctionLocation | undefined {
  return withRemote(fn, (objectId) => {
    const internals = internalsOf(objectId);
    const at = internals.get("[[FunctionLocation]]")?.value as
      { scriptId: string; lineNumber: number; columnNumber: number } | undefined;
    if (at === undefined) return undefined;
    const scopes = scopesOf(internals).map(describeScope);
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

/** The value of a name as the function sees it. Undefined when there is none. @throws NoInspector */
export function lookUp(fn: AnyFunction, name: string): unknown {
  return withScopes(fn, (scopes) => {
    for (const { kind, variables } of scopes) {
      if (kind === "Global") continue;
      const found = variables();
      if (Object.hasOwn(found, name)) return valueIn(found, name);
    }
    return undefined;
  });
}

/** Variables of the ES module that a function is in, as far as any function uses them or they are exported. @throws NoInspector */
export function moduleVariables(fn: AnyFunction): [string, unknown][] {
  return withScopes(fn, (scopes) => {
    const variables = scopes.find(({ kind }) => kind === "Module")?.variables() ?? {};
    return Object.keys(variables).map((name) => [name, valueIn(variables, name)]);
  });
}

function valueIn(scope: Readonly<Record<string, unknown>>, name: string): unknown {
  try {
    return scope[name];
  } catch {
    // Not initialized yet.
    return undefined;
  }
}

function withScopes<T>(fn: AnyFunction, read: (scopes: OpenScope[]) => T): T {
  return withRemote(fn, (objectId) => read(scopesOf(internalsOf(objectId))));
}

function describeScope({ kind, of, variables }: OpenScope): FunctionScope {
  // A module has a lot of names and nobody asks for them.
  const isInner = kind !== "Global" && kind !== "Module";
  return { kind, of, names: isInner ? Object.keys(variables()) : [] };
}
