/**
 * The source of a function and what its free names hold: where the text, V8's scopes and the module's imports meet.
 */
import { isBuiltin } from "node:module";
import { types } from "node:util";
import type { AnyFunction } from "../../core/function-handle.ts";
import { isFileUrl } from "../call-site.ts";
import { entryRole } from "../entry.ts";
import type { Inspection } from "../../inspect/inspection.ts";
import type { FunctionScope } from "../../inspect/locate.ts";
import { importKey } from "../import-key.ts";
import { isUnloadable } from "../unloadable.ts";
import type { CaptureNode, FunctionNode } from "./capture-nodes.ts";
import type { ClassText } from "./class-text.ts";
import { isConstant } from "./constants.ts";
import type { FreeName } from "./free-names.ts";
import { deletedOf, lengthOf, nameOf } from "./function-fields.ts";
import { keepVariables, type OpenFunction, openFunction } from "./function-source.ts";
import { programsGlobal } from "../global-names.ts";
import { expectedGlobals } from "./replaced-globals.ts";
import { beforeModule } from "../package-entry.ts";
import { importBindings } from "./import-bindings.ts";
import { refuse } from "./refuse.ts";
import { scriptNames } from "./script-names.ts";
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
  /** Of a class: what its text gives it. */
  readonly written: ClassText["written"] | undefined;
  readonly free: readonly FreeValue[];
  /** Its own name, if it uses that, means it for ever. */
  readonly constant: boolean;
}

/** @throws TravelError for a text that means something only in its place; NoInspector. */
export function captureSource(fn: AnyFunction, path: string, inspection: Inspection): CapturedSource {
  const open = openFunction(fn, path, inspection);
  const { source, scopes } = open;
  const { used, parsed, classText } = source;
  const early = [...(used.names.has(BASE_CLASS) ? [baseClass(fn)] : []), ...memberNames(classText)];
  const variables = [...used.names].filter(([name]) => !early.some((given) => given.name === name));
  const found = variables.map(([name, use]) => freeValue(fn, name, use, { ...open, path }));
  const self = source.self && ownName(fn, source.self, { ...open, path });
  if (self !== "variable" && found.every(isSettled)) keepVariables(fn, open);
  const expected = [...used.names]
    .filter(([name]) => !scopes.some(({ values }) => Object.hasOwn(values, name)))
    .flatMap(([name, { members }]) => expectedGlobals(name, members, path));
  const edits = used.importMeta.map((span) => ({ span, text: META }));
  const { url, line, column, strict } = source;
  return {
    kind: parsed.kind,
    written: classText?.written,
    constant: self !== "variable" && expected.length === 0,
    node: {
      type: "function",
      expression: rewrite(parsed.expression, edits),
      anchor: parsed.anchor,
      name: nameOf(fn),
      length: lengthOf(fn),
      without: deletedOf(fn),
      early: early.map(({ name }) => name),
      ...(classText?.reordered === true && { order: Object.getOwnPropertyNames(fn) }),
      imports: used.dynamicImport,
      expected,
      strict,
      requires: found.includes(REQUIRE),
      meta: edits.length > 0,
      url,
      line,
      column,
    },
    free: [...early, ...found.filter((value) => typeof value === "object")],
  };
}

/** Looking at its variable again would give the same. What is undefined may have no value yet, on Node 20. */
function isSettled(found: FreeValue | typeof REQUIRE | undefined): boolean {
  if (typeof found !== "object" || found.from === GLOBAL) return true;
  return found.kind === "import" || (found.constant && found.value !== undefined);
}

/** @throws TravelError where its own name means something else by now. */
function ownName(
  fn: AnyFunction,
  { name, assigned }: NonNullable<OpenFunction["source"]["self"]>,
  { scopes, source, path }: Place,
): "constant" | "variable" {
  const scope = scopes.find(({ values }) => Object.hasOwn(values, name));
  if (scope === undefined) return "constant";
  if (assigned || valueIn(scope, name, `${path} → ${name}`) !== fn) {
    refuse(
      "captured",
      `${path} → ${name}`,
      "its own name is a variable that holds another value, or that it assigns. Call the variable by another name.",
    );
  }
  return isConstant(source, name) ? "constant" : "variable";
}

interface Place extends OpenFunction {
  readonly path: string;
}

const REQUIRE = "require";
const GLOBAL = "global";

/** Undefined for a name that needs nothing. */
function freeValue(
  fn: AnyFunction,
  name: string,
  { assigned, mutated, members }: FreeName,
  place: Place,
): FreeValue | typeof REQUIRE | undefined {
  const { scopes, source, path } = place;
  if (scopes.some(({ kind }) => kind === "With")) {
    refuse("eval", `${path} → ${name}`, "it is inside a with statement.");
  }
  const at = scopes.findIndex(({ values }) => Object.hasOwn(values, name));
  const scope = scopes[at];
  if (scope === undefined) {
    if (name === "arguments") {
      refuse("this", path, "it uses the `arguments` around it. Copy them into a const.");
    }
    const global = programsGlobal(name);
    if (name === REQUIRE && isRequire(global?.value)) return name;
    if (global !== undefined) {
      return { name, assigned, mutated, constant: false, value: global.value, from: GLOBAL, kind: "value" };
    }
    // V8 keeps what functions use; nobody declared this one.
    return undefined;
  }
  const value = valueIn(scope, name, `${path} → ${name}`);
  if (value === undefined && !V8_TELLS && scriptNames(source)?.mayBeUndefined(name) === false) {
    refuseUnset(`${path} → ${name}`);
  }
  if (name === VITE_IMPORT) refuseImport(`${path} → import()`);
  if (name === REQUIRE && isRequire(value)) return name;
  const from = `${source.scriptId} ${at - scopes.length} ${scope.kind} ${scope.of ?? ""}`;
  const constant = !assigned && isConstant(source, name);
  const variable = { name, value, assigned, mutated, constant, from };
  if (value === fn) return { ...variable, kind: "self" };
  const isPrimitive = typeof value !== "function" && (typeof value !== "object" || value === null);
  const binding = scope.kind === "Module" ? importBindings(source).get(name) : undefined;
  if (binding !== undefined) {
    const parent = source.url;
    const node = { type: "import", ...binding, ...beforeModule(parent), parent } as const;
    // The module that it is from may assign it again.
    variable.constant = false;
    // A primitive is what it is now, as any variable; but a worker's `threadId` is another one.
    const isImport = (!isPrimitive || isBuiltin(node.specifier)) && !runsProgram(node);
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
    return refuseUnset(path);
  }
}

/** V8 11 (Node 20) says undefined of a variable that has no value yet. */
const V8_TELLS = Number.parseInt(process.versions.v8, 10) >= 12;

function refuseUnset(path: string): never {
  refuse("captured", path, "it has no value yet. Call the function after the variable is set.");
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

/** Bundlers let chunks import what they share from the entry's. */
function runsProgram({ specifier, parent }: { specifier: string; parent: string }): boolean {
  if (!/^\.{0,2}\//.test(specifier) || !isFileUrl(parent)) return false;
  return entryRole(new URL(specifier, parent).href) === "unguarded";
}

/** A module as bundlers and test runners hand it around: an object of getters. */
function isNamespace(value: object): boolean {
  // A proxy's traps are the program's own code.
  if (types.isProxy(value)) return false;
  return (
    (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === "Module" || "__esModule" in value
  );
}

/** V8 does not keep the variable in `extends Base` where only the class itself used it; the class knows. */
function baseClass(fn: AnyFunction): FreeValue {
  const value: unknown = Object.getPrototypeOf(fn);
  return { kind: "value", name: BASE_CLASS, value, ...NEVER_CHANGES, from: "extends" };
}

function memberNames(text: ClassText | undefined): FreeValue[] {
  return [...(text?.symbols ?? [])].map(([name, value]) => {
    return { kind: "value", name, value, ...NEVER_CHANGES, from: "members" };
  });
}

const NEVER_CHANGES = { assigned: false, mutated: undefined, constant: true };

/** Node's, or a test runner's: either belongs to its thread. */
function isRequire(value: unknown): boolean {
  return typeof value === "function" && Object.hasOwn(value, "resolve") && Object.hasOwn(value, "cache");
}
