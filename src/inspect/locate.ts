/**
 * Where a function was written and which variables it closes over, from V8 itself: one pass of 50 µs.
 */
import type { AnyFunction } from "../core/function-handle.ts";
import { withRemote } from "./inspector.ts";
import { internalsOf, valueOf } from "./internals.ts";
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
  readonly kind: "Module" | "Global" | "Script" | "Closure" | "Block" | "Catch" | "With" | "Other";
  /** The function whose scope it is. */
  readonly of: string | undefined;
  /**
   * Its variables with what they hold now; later changes do not show. An object without a prototype, but for the global scope.
   * Reading one may throw: it has no value yet. (On Node 20 it is undefined.) Of a module, those that any function uses.
   */
  readonly values: Readonly<Record<string, unknown>>;
}

/** Undefined for functions that have no source. @throws NoInspector */
export function locate(fn: AnyFunction): FunctionLocation | undefined {
  return withRemote(fn, (objectId) => {
    const internals = internalsOf(objectId);
    const at = internals.get("[[FunctionLocation]]")?.value as
      { scriptId: string; lineNumber: number; columnNumber: number } | undefined;
    if (at === undefined) return undefined;
    const scopes = valueOf(internals.get("[[Scopes]]")) as ArrayLike<RawScope> | undefined;
    return {
      scriptId: at.scriptId,
      line: at.lineNumber + 1,
      column: at.columnNumber + 1,
      scopes: Array.from(scopes ?? [], describeScope),
    };
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

/** The value of a name as the function sees it. Undefined when there is none. */
export function lookUp({ scopes }: FunctionLocation, name: string): unknown {
  const scope = scopes.find(({ kind, values }) => kind !== "Global" && Object.hasOwn(values, name));
  return scope && valueIn(scope, name);
}

/** Variables of the ES module that a function is in, as far as any function uses them or they are exported. */
export function moduleVariables({ scopes }: FunctionLocation): [string, unknown][] {
  const scope = scopes.find(({ kind }) => kind === "Module");
  return scope ? Object.keys(scope.values).map((name) => [name, valueIn(scope, name)]) : [];
}

/** All that it sees but global ones, innermost first. */
export function variablesOf({ scopes }: FunctionLocation): [string, unknown][] {
  return scopes.flatMap((scope) =>
    scope.kind === "Global"
      ? []
      : Object.keys(scope.values).map((name): [string, unknown] => [name, valueIn(scope, name)]),
  );
}

function valueIn({ values }: FunctionScope, name: string): unknown {
  try {
    return values[name];
  } catch {
    // Not initialized yet.
    return undefined;
  }
}

/** As V8 lists it: "Closure (make)" and a copy of its variables. */
interface RawScope {
  readonly description: string;
  readonly object?: Readonly<Record<string, unknown>>;
}

const KINDS = new Set(["Module", "Global", "Script", "Closure", "Block", "Catch", "With"]);

function describeScope({ description, object = {} }: RawScope): FunctionScope {
  const [, kind = "", of] = /^(\w+)(?: \((.+)\))?/.exec(description) ?? [];
  return { kind: (KINDS.has(kind) ? kind : "Other") as FunctionScope["kind"], of, values: object };
}
