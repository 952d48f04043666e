/**
 * What was done to a function or a class after its text was evaluated: fields on it, methods on its prototype, another
 * parent. What the text says is made again by the text.
 */
import type { AnyFunction } from "../../core/function-handle.ts";
import { isNative, sourceOf } from "../reference.ts";
import type { Key, Written } from "./written-members.ts";
import { intrinsicPrototype } from "./intrinsic.ts";
import type { ParsedFunction } from "./parse-function.ts";

type Kind = ParsedFunction["kind"];

const GIVEN = ["length", "name"] as const;
const OF_FUNCTIONS = new Set<Key>(["prototype", "arguments", "caller"]);

/** Fields of the function itself that its text does not give it. */
export function ownFields(fn: object, written?: Written): Key[] {
  const given = GIVEN.filter((key) => isAsGiven(fn, key));
  const isOther = (key: Key): boolean => !OF_FUNCTIONS.has(key) && !given.includes(key as "name");
  return Reflect.ownKeys(fn).filter((key) => isOther(key) && written?.own.has(key) !== true);
}

/** Nothing was done to the function itself since its text was evaluated. Its prototype, if it has one, is not looked at. */
export function isUntouched(fn: AnyFunction): boolean {
  const isBare = ownFields(fn).length === 0 && Object.isExtensible(fn);
  return isBare && GIVEN.every((key) => isAsGiven(fn, key)) && parentOf(fn, "method") === undefined;
}

/** Its `length`, unless that is a field of another kind by now. */
export function lengthOf(fn: AnyFunction): number | undefined {
  return isAsGiven(fn, "length") ? fn.length : undefined;
}

/** Its `name`, likewise. */
export function nameOf(fn: AnyFunction): string | undefined {
  return isAsGiven(fn, "name") ? fn.name : undefined;
}

/** Properties that every function gets, and somebody deleted. */
export function deletedOf(fn: AnyFunction): string[] {
  return GIVEN.filter((key) => !Object.hasOwn(fn, key));
}

function isAsGiven(fn: object, key: "length" | "name"): boolean {
  const property = Object.getOwnPropertyDescriptor(fn, key);
  if (typeof property?.value !== (key === "length" ? "number" : "string")) return false;
  return property?.writable === false && !property.enumerable! && property.configurable!;
}

/** Undefined when it has none, or the one that every function gets. */
export function prototypeFields(fn: AnyFunction, written?: Written): Key[] | undefined {
  const prototype = prototypeOf(fn);
  if (prototype === undefined) return undefined;
  return Reflect.ownKeys(prototype).filter((key) => {
    if (key === "constructor" && isGivenConstructor(fn, prototype)) return false;
    return written?.prototype.has(key) !== true;
  });
}

function isGivenConstructor(fn: AnyFunction, prototype: object): boolean {
  const property = Object.getOwnPropertyDescriptor(prototype, "constructor");
  return property?.value === fn && !property.enumerable! && property.configurable! && property.writable!;
}

/** What somebody put in the place of the prototype that a function is made with. */
export function otherPrototypeOf(fn: AnyFunction, kind: Kind): { readonly value: unknown } | undefined {
  const property = Object.getOwnPropertyDescriptor(fn, "prototype");
  if (kind !== "function" || property === undefined || isGenerator(fn)) return undefined;
  const { value } = property as { value: unknown };
  const isObject = typeof value === "object" && value !== null;
  const owner: unknown = isObject && Object.getOwnPropertyDescriptor(value, "constructor")?.value;
  return owner === fn ? undefined : { value };
}

/** Undefined when it is the one that its text gives it. */
export function parentOf(fn: AnyFunction, kind: Kind): object | null | undefined {
  const parent = Object.getPrototypeOf(fn) as object | null;
  // A class names its base; that of a class without one could be changed, but not so that anyone would.
  if (kind === "class") return undefined;
  const isOfLanguage =
    typeof parent === "function"
      ? isNative(sourceOf(parent)) && !Object.hasOwn(parent, "prototype")
      : parent !== null && Object.hasOwn(parent, Symbol.toStringTag);
  return isOfLanguage ? undefined : parent;
}

/** What its prototype inherits from. Undefined when that is what the text says. */
export function prototypeParentOf(fn: AnyFunction, kind: Kind): object | null | undefined {
  const prototype = prototypeOf(fn);
  if (prototype === undefined || isGenerator(fn)) return undefined;
  const parent = Object.getPrototypeOf(prototype) as object | null;
  if (parent !== null && intrinsicPrototype(parent) === "Object") return undefined;
  const base: unknown = kind === "class" ? Object.getPrototypeOf(fn) : undefined;
  const isOfBase = typeof base === "function" && (base as { prototype?: unknown }).prototype === parent;
  return isOfBase || (kind === "class" && parent === null) ? undefined : parent;
}

export function prototypeOf(fn: object): object | undefined {
  const value: unknown = Object.getOwnPropertyDescriptor(fn, "prototype")?.value;
  return typeof value === "object" && value !== null ? value : undefined;
}

function isGenerator(fn: AnyFunction): boolean {
  return /Generator/.test(Object.prototype.toString.call(fn));
}
