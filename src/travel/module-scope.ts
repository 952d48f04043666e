/**
 * What a function is beyond its text, its place and its module. A worker that imports the module finds functions by text and
 * place; where two of those could differ in what they captured, they must not be told apart by guessing.
 *
 * Asked on both sides: of the function that is sent, and in the worker of the one that was found.
 */
import type { AnyFunction } from "../core/function-handle.ts";
import { type FunctionLocation, type FunctionScope, lookUp } from "../inspect/locate.ts";
import { usesHiddenThis } from "./hidden-this.ts";

export type BeyondModule =
  /** Variables of a function or block around it. */
  | { readonly kind: "captured"; readonly of: string | undefined; readonly names: readonly string[] }
  /** Properties that were put on the function. */
  | { readonly kind: "properties"; readonly names: readonly string[] }
  /** `this`, `new.target` or `super` of what is around it. */
  | { readonly kind: "this" };

/** Undefined when every function of this text at this place of the module does the same. @throws NoInspector */
export function beyondModule(
  fn: AnyFunction,
  text: string,
  { scopes }: FunctionLocation,
): BeyondModule | undefined {
  const inner = scopesWithinModule(scopes).find((scope) => !isOwnClass(fn, scope));
  if (inner !== undefined) return { kind: "captured", of: inner.of, names: inner.names };
  if (/^class\b/.test(text)) {
    // What a class extends is in no scope, and functions make classes: only the one that its module calls so is known.
    return isModuleVariable(fn) ? undefined : { kind: "captured", of: undefined, names: ["extends"] };
  }
  if (usesHiddenThis(text)) return { kind: "this" };
  // `const a = make()` with `make = () => function own() { return own.state }`: V8 lists no scope for `own`.
  const properties = ownProperties(fn);
  return properties.length === 0 || isModuleVariable(fn)
    ? undefined
    : { kind: "properties", names: properties };
}

/** CommonJS wraps a module in one nameless function, the last scope before the global one. */
function scopesWithinModule(scopes: readonly FunctionScope[]): readonly FunctionScope[] {
  const end = scopes.findIndex(({ kind }) => kind === "Module" || kind === "Global" || kind === "Script");
  const inner = scopes.slice(0, end === -1 ? scopes.length : end);
  const last = inner.at(-1);
  const wrapper = scopes[end]?.kind === "Global" && last?.kind === "Closure" && last.of === undefined;
  return wrapper ? inner.slice(0, -1) : inner;
}

/** A class sees its own name in a scope of its own. It says nothing more when the module has that class by that name. */
function isOwnClass(fn: AnyFunction, { kind, names }: FunctionScope): boolean {
  const [name] = names;
  if (kind !== "Block" || names.length !== 1 || name === undefined) return false;
  const owner = lookUp(fn, name);
  if (typeof owner !== "function" || lookUp(fn, name, "Module") !== owner) return false;
  const { prototype } = owner as { prototype?: object };
  return owner === fn || owns(owner, fn) || (prototype !== undefined && owns(prototype, fn));
}

function owns(holder: object, fn: AnyFunction): boolean {
  return Object.values(Object.getOwnPropertyDescriptors(holder)).some(({ value }) => value === fn);
}

function isModuleVariable(fn: AnyFunction): boolean {
  return typeof fn.name === "string" && fn.name !== "" && lookUp(fn, fn.name, "Module") === fn;
}

const OF_EVERY_FUNCTION = new Set<string | symbol>(["length", "name", "prototype", "arguments", "caller"]);

function ownProperties(fn: AnyFunction): string[] {
  return Reflect.ownKeys(fn)
    .filter((key) => !OF_EVERY_FUNCTION.has(key))
    .map(String);
}
