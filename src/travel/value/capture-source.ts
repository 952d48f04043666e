/**
 * The source of a function and what its free names hold: where the text, V8's scopes and the module's imports meet.
 */
import { isBuiltin } from "node:module";
import type { AnyFunction } from "../../core/function-handle.ts";
import { isFileUrl } from "../call-site.ts";
import { entryRole } from "../entry.ts";
import type { Inspection } from "../../inspect/inspection.ts";
import type { FunctionScope } from "../../inspect/locate.ts";
import { importKey } from "../import-key.ts";
import { isUnloadable } from "../unloadable.ts";
import type { CaptureNode, FunctionNode } from "./capture-nodes.ts";
import { isConstant } from "./constants.ts";
import type { FreeName } from "./free-names.ts";
import { type OpenFunction, openFunction } from "./function-source.ts";
import { programsGlobal } from "../global-names.ts";
import { beforeModule } from "../package-entry.ts";
import { importBindings } from "./import-bindings.ts";
import { refuse } from "./refuse.ts";
import type { ParsedFunction } from "./parse-function.ts";
import { BASE_CLASS, META, rewrite } from "./rewrite.ts";

interface Variable {
  readonly name: string;
  readonly value: unknown;
  readonly assigned: boolean;
  readonly mutated: FreeName["mutated"];
  /** Nothing ever assigns it again, as far as its file is known. */
  readonly constant: boolean;
  /** The scope that it lives in: no two variables of one name share it. */
  readonly from: string;
}

export type FreeValue = Variable &
  (
    | { readonly kind: "value" }
    /** The function's own name. */
    | { readonly kind: "self" }
    /** A namespace of which only these members are used. */
    | { readonly kind: "members"; readonly members: readonly string[] }
    | { readonly kind: "import"; readonly node: Extract<CaptureNode, { type: "import" }> }
  );

export interface CapturedSource {
  readonly kind: ParsedFunction["kind"];
  readonly node: Omit<FunctionNode, "free" | "own" | "prototype">;
  readonly free: readonly FreeValue[];
}

/** @throws TravelError for a text that means something only in its place; NoInspector. */
export function captureSource(fn: AnyFunction, path: string, inspection: Inspection): CapturedSource {
  const { source, scopes } = openFunction(fn, path, inspection);
  const { used, parsed } = source;
  const variables = [...used.names].filter(([name]) => name !== BASE_CLASS);
  const found = variables.map(([name, use]) => freeValue(fn, name, use, { source, scopes, path }));
  const edits = used.importMeta.map((span) => ({ span, text: META }));
  const { url, line, column, strict } = source;
  return {
    kind: parsed.kind,
    node: {
      type: "function",
      expression: rewrite(parsed.expression, edits),
      anchor: parsed.anchor,
      name: nameOf(fn),
      isClass: parsed.kind === "class",
      eager: parsed.eager === true,
      imports: used.dynamicImport,
      strict,
      requires: found.includes(REQUIRE),
      meta: edits.length > 0,
      url,
      line,
      column,
    },
    free: [
      ...(used.names.has(BASE_CLASS) ? [baseClass(fn)] : []),
      ...found.filter((value) => typeof value === "object"),
    ],
  };
}

interface Place extends OpenFunction {
  readonly path: string;
}

const REQUIRE = "require";

/** Undefined for a name that needs nothing. */
function freeValue(
  fn: AnyFunction,
  name: string,
  { assigned, mutated, members }: FreeName,
  place: Place,
): FreeValue | typeof REQUIRE | undefined {
  const { scopes, source, path } = place;
  const at = scopes.findIndex(({ values }) => Object.hasOwn(values, name));
  const scope = scopes[at];
  if (scope === undefined) {
    const global = programsGlobal(name);
    if (name === REQUIRE && isRequire(global?.value)) return name;
    if (global !== undefined) {
      return { name, assigned, mutated, constant: false, value: global.value, from: "global", kind: "value" };
    }
    // V8 keeps what inner functions use. What only the evaluation of a class used is gone; anything else was never declared.
    if (source.parsed.kind === "class" && !(name in globalThis)) refuseLost(`${path} → ${name}`);
    return undefined;
  }
  const value = valueIn(scope, name, `${path} → ${name}`);
  if (name === VITE_IMPORT) refuseImport(`${path} → import()`);
  if (name === REQUIRE && isRequire(value)) return name;
  const from = `${source.scriptId} ${at - scopes.length} ${scope.kind} ${scope.of ?? ""}`;
  const constant = !assigned && isConstant(source, name);
  const variable = { name, value, assigned, mutated, constant, from };
  if (value === fn) return { ...variable, kind: "self" };
  const isPrimitive = typeof value !== "function" && (typeof value !== "object" || value === null);
  if (scope.kind === "Module") {
    const binding = importBindings(source).get(name);
    const parent = source.url;
    const node = binding && ({ type: "import", ...binding, ...beforeModule(parent), parent } as const);
    // A primitive is what it is now, as any variable; but a worker's `threadId` is another one.
    const isImport = node !== undefined && (!isPrimitive || isBuiltin(node.specifier)) && !runsProgram(node);
    if (isImport && !isUnloadable(importKey(node))) return { ...variable, kind: "import", node };
  }
  if (isPrimitive) return { ...variable, kind: "value" };
  return members !== undefined && isNamespace(value)
    ? { ...variable, kind: "members", members: [...members] }
    : { ...variable, kind: "value" };
}

function valueIn({ values }: FunctionScope, name: string, path: string): unknown {
  try {
    return values[name];
  } catch {
    return refuse("captured", path, "it has no value yet. Call the function after the variable is set.");
  }
}

/** vite and vitest write it in place of `import`. What it imports, and from where, is known only to them and here. */
const VITE_IMPORT = "__vite_ssr_dynamic_import__";

function refuseImport(path: string): never {
  refuse(
    "captured",
    path,
    "vite has put its own function in its place, which works only in this thread. Import at the top of the module.",
  );
}

function refuseLost(path: string): never {
  refuse(
    "captured",
    path,
    "only the evaluation of its class used it, and V8 has not kept it. Export the class.",
  );
}

/** Bundlers let chunks import what they share from the entry's. */
function runsProgram({ specifier, parent }: { specifier: string; parent: string }): boolean {
  if (!/^\.{0,2}\//.test(specifier) || !isFileUrl(parent)) return false;
  return entryRole(new URL(specifier, parent).href) === "unguarded";
}

/** A module as bundlers and test runners hand it around: an object of getters. */
function isNamespace(value: object): boolean {
  return (
    (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === "Module" || "__esModule" in value
  );
}

/** V8 does not keep the variable in `extends Base` where only the class itself used it; the class knows. */
function baseClass(fn: AnyFunction): FreeValue {
  const value: unknown = Object.getPrototypeOf(fn);
  const never = { assigned: false, mutated: undefined, constant: true };
  return { kind: "value", name: BASE_CLASS, value, ...never, from: "extends" };
}

/** Node's, or a test runner's: either belongs to its thread. */
function isRequire(value: unknown): boolean {
  return typeof value === "function" && Object.hasOwn(value, "resolve") && Object.hasOwn(value, "cache");
}

/** A class may have a static member called `name`. */
function nameOf({ name }: { readonly name: unknown }): string {
  return typeof name === "string" ? name : "";
}
