/**
 * What never changes about a function: its source as an expression, where it stands, which names it uses. Read once.
 */
import type { AnyFunction } from "../../core/function-handle.ts";
import type { Inspection } from "../../inspect/inspection.ts";
import { type FunctionLocation, type FunctionScope, urlOf } from "../../inspect/locate.ts";
import { isNative, sourceOf } from "../reference.ts";
import { type ClassText, classText } from "./class-text.ts";
import { type FreeVariables, freeVariables } from "./free-variables.ts";
import { refuse } from "./refuse.ts";
import { parseClass, type ParsedFunction, parseFunction } from "./parse-function.ts";
import { isStrict } from "./strictness.ts";

export interface FunctionSource {
  readonly text: string;
  readonly parsed: ParsedFunction;
  readonly used: FreeVariables;
  readonly scriptId: string;
  /** Empty for code without a file. */
  readonly url: string;
  readonly line: number;
  readonly column: number;
  readonly inModule: boolean;
  readonly strict: boolean;
  /** The name that it was written with, where it uses that itself. */
  readonly self: { readonly name: string; readonly assigned: boolean } | undefined;
  /** Of a class: how its text was made ready. */
  readonly classText: ClassText | undefined;
}

/** A function as it is now. */
export interface OpenFunction {
  readonly source: FunctionSource;
  readonly location: FunctionLocation | undefined;
  /** Innermost first, without the global scope. */
  readonly scopes: readonly FunctionScope[];
}

const known = new WeakMap<AnyFunction, FunctionSource>();
/** Of functions whose variables never change again. */
const located = new WeakMap<AnyFunction, FunctionLocation>();

/** @throws TravelError for a text that means something only in its place; NoInspector. */
export function openFunction(fn: AnyFunction, path: string, inspection: Inspection): OpenFunction {
  const before = known.get(fn);
  if (before?.used.names.size === 0 && before.self === undefined) {
    return { source: before, location: undefined, scopes: [] };
  }
  const location = located.get(fn) ?? (isNative(sourceOf(fn)) ? undefined : inspection.locate(fn));
  const source = before ?? read(fn, location, path);
  // What a class is made of may change.
  if (source.classText === undefined) known.set(fn, source);
  return { source, location, scopes: location?.scopes.filter(({ kind }) => kind !== "Global") ?? [] };
}

/** None of the variables that it uses changes again, so V8 need not be asked for them. Of others nothing is kept. */
export function keepVariables(fn: AnyFunction, { location, source }: OpenFunction): void {
  if (location === undefined || located.has(fn)) return;
  const scopes = location.scopes.map(({ values, ...scope }): FunctionScope => {
    const used = [...source.used.names.keys()].filter(
      (name) => scope.kind !== "Global" && Object.hasOwn(values, name),
    );
    return { ...scope, values: Object.fromEntries(used.map((name) => [name, values[name]])) };
  });
  located.set(fn, { ...location, scopes });
}

function read(fn: AnyFunction, location: FunctionLocation | undefined, path: string): FunctionSource {
  const text = sourceOf(fn);
  const url = location && urlOf(location);
  if (location === undefined || url === undefined || url.startsWith("node:")) {
    return refuse(
      "native",
      path,
      "it was made inside Node.js or V8, and no worker can find it by name. Make it inside the function.",
    );
  }
  const node = parseClass(text);
  const prepared = node && classText(fn, node, path);
  const parsed = parseFunction(prepared?.text ?? text) ?? refuseText(text, path);
  const used = usedBy(parsed);
  refuseOuter(used, path);
  const inModule = location.scopes.some(({ kind }) => kind === "Module");
  const { scriptId, line, column } = location;
  const strict =
    inModule || (isStrict(fn, parsed, { scriptId, url, line, column, text }) ?? refuseScript(path));
  return {
    text,
    parsed,
    used,
    scriptId,
    url,
    line,
    column,
    inModule,
    strict,
    self: ownName(parsed),
    classText: prepared,
  };
}

/**
 * A declared function is a variable of the scope around it, which may hold something else by now; read by itself, its text is
 * that of an expression, whose name nobody can change.
 */
function ownName({ ast, kind, ...rest }: ParsedFunction): FunctionSource["self"] {
  const [statement] = ast.body;
  const node = statement?.type === "ExpressionStatement" ? statement.expression : undefined;
  if (kind !== "function" || node?.type !== "FunctionExpression" || node.id == null) return undefined;
  const nameless = { ...node, id: null };
  const body = [{ ...statement!, expression: nameless }] as typeof ast.body;
  const { name } = node.id;
  const use = freeVariables({ ...rest, kind, ast: { ...ast, body } }).names.get(name);
  return use && { name, assigned: use.assigned };
}

const free = new WeakMap<ParsedFunction, FreeVariables>();

/** A class is read again for each call, because it may have changed; its text has not. */
function usedBy(parsed: ParsedFunction): FreeVariables {
  const used = free.get(parsed) ?? freeVariables(parsed);
  free.set(parsed, used);
  return used;
}

function refuseScript(path: string): never {
  return refuse(
    "captured",
    path,
    "the syntax of its script is unknown, so nothing tells whether it is strict. Export it from a module.",
  );
}

function refuseText(text: string, path: string): never {
  // Outside of a function the parser takes it for an error.
  if (!text.includes("#") && /\bnew\s*\.\s*target\b/.test(text)) refuseThis(path);
  return refuse(
    text.includes("#") ? "private-field" : "native",
    path,
    "its source cannot be read by itself: it uses a private member of its class, or an unknown syntax.",
  );
}

function refuseOuter(used: FreeVariables, path: string): void {
  if (used.directEval) refuse("eval", path, "it calls eval(), which may use any variable around it.");
  if (used.outerSuper) {
    refuse(
      "this",
      path,
      "it uses super, which means something only in its class. Make it a static method of an exported class.",
    );
  }
  if (used.foreignMeta !== undefined) {
    const what = `import.meta.${used.foreignMeta}`;
    refuse("captured", path, `it uses ${what}, which only its own module has. Copy it into a const.`);
  }
  if (used.outerThis) refuseThis(path);
}

function refuseThis(path: string): never {
  refuse(
    "this",
    path,
    "it uses the `this` or `new.target` around it, which V8 does not show. Copy what it needs into a const.",
  );
}
