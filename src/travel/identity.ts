/**
 * What makes a function the one it is, beyond its text, its place and its module. A worker that imports the module finds
 * functions by text and place; where two of those could still differ, in what they captured, they must not be told apart by
 * guessing.
 *
 * Asked on both sides: of the function that is sent, and in the worker of each that may be it.
 */
import type { AnyFunction } from "../core/function-handle.ts";
import { type FunctionLocation, type FunctionScope, lookUp, moduleVariables } from "../inspect/locate.ts";
import { usesHiddenThis } from "./hidden-this.ts";
import { sourceOf } from "./reference.ts";

export type Identity =
  /** Every function of this text at this place does the same. With an anchor: every one that belongs to that variable. */
  | { readonly kind: "module"; readonly anchor?: string }
  /** Variables of a function or block around it. */
  | { readonly kind: "captured"; readonly of: string | undefined; readonly names: readonly string[] }
  /** Properties that were put on the function. */
  | { readonly kind: "properties"; readonly names: readonly string[] }
  /** `this`, `new.target` or `super` of what is around it. */
  | { readonly kind: "this" };

export function identify(fn: AnyFunction, text: string, location: FunctionLocation): Identity {
  const [inner, ...more] = scopesWithinModule(location.scopes);
  if (inner !== undefined) {
    const owner = more.length === 0 ? ownClass(fn, inner, location) : undefined;
    const anchor = owner === undefined ? undefined : anchorIn(location, (value) => value === owner);
    return anchor === undefined
      ? { kind: "captured", of: inner.of, names: Object.keys(inner.values) }
      : { kind: "module", anchor };
  }
  const anchored = (fits: (value: unknown) => boolean): Identity | undefined => {
    const anchor = anchorIn(location, fits);
    return anchor === undefined ? undefined : { kind: "module", anchor };
  };
  // What a class extends is in no scope, and a function may have made it.
  if (isClass(text)) {
    return anchored((value) => value === fn) ?? { kind: "captured", of: undefined, names: [] };
  }
  if (usesHiddenThis(text)) return anchored((value) => isClassWith(value, fn)) ?? { kind: "this" };
  // `const a = make()` with `make = () => function own() { return own.state }`: V8 lists no scope for `own`.
  const names = ownProperties(fn);
  if (names.length === 0) return { kind: "module" };
  return anchored((value) => value === fn) ?? { kind: "properties", names };
}

/** Whether all functions of its text and place do the same, whatever variables they belong to. */
export function isInterchangeable(fn: AnyFunction, text: string, location: FunctionLocation): boolean {
  const identity = identify(fn, text, location);
  return identity.kind === "module" && identity.anchor === undefined;
}

/** The first variable of its module that fits, by name: which comes first must not depend on the side that asks. */
function anchorIn(location: FunctionLocation, fits: (value: unknown) => boolean): string | undefined {
  const names = moduleVariables(location).flatMap(([name, value]) => (fits(value) ? [name] : []));
  return names.sort()[0];
}

/** CommonJS wraps a module in one nameless function, the last scope before the global one. */
function scopesWithinModule(scopes: readonly FunctionScope[]): readonly FunctionScope[] {
  const end = scopes.findIndex(({ kind }) => kind === "Module" || kind === "Global" || kind === "Script");
  const inner = scopes.slice(0, end === -1 ? scopes.length : end);
  const last = inner.at(-1);
  const wrapper = scopes[end]?.kind === "Global" && last?.kind === "Closure" && last.of === undefined;
  return wrapper ? inner.slice(0, -1) : inner;
}

/** A class sees its own name in a scope of its own. */
function ownClass(fn: AnyFunction, { kind, values }: FunctionScope, location: FunctionLocation): unknown {
  const [name, another] = Object.keys(values);
  if (kind !== "Block" || name === undefined || another !== undefined) return undefined;
  const owner = lookUp(location, name);
  return owner === fn || isClassWith(owner, fn) ? owner : undefined;
}

function isClassWith(value: unknown, fn: AnyFunction): boolean {
  if (typeof value !== "function" || !isClass(sourceOf(value))) return false;
  const { prototype } = value as { prototype?: object };
  return owns(value, fn) || (prototype !== undefined && owns(prototype, fn));
}

function isClass(text: string): boolean {
  return /^class\b/.test(text);
}

function owns(holder: object, fn: AnyFunction): boolean {
  return Object.values(Object.getOwnPropertyDescriptors(holder)).some(({ value }) => value === fn);
}

const OF_EVERY_FUNCTION = new Set<string | symbol>(["length", "name", "prototype", "arguments", "caller"]);

function ownProperties(fn: AnyFunction): string[] {
  return Reflect.ownKeys(fn)
    .filter((key) => !OF_EVERY_FUNCTION.has(key))
    .map(String);
}
