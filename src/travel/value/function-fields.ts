/**
 * What was done to a function or a class after its text was evaluated: fields on it, methods on its prototype, another
 * parent. What the text says is made again by the text.
 */
import type { AnyFunction } from "../../core/function-handle.ts";
import { isNative, sourceOf } from "../reference.ts";
import { intrinsicPrototype } from "./intrinsic.ts";
import type { ParsedFunction } from "./parse-function.ts";

type Kind = ParsedFunction["kind"];

const OF_FUNCTIONS = new Set<string | symbol>(["length", "name", "prototype", "arguments", "caller"]);

/** Fields of the function itself that its text does not give it. */
export function ownFields(fn: AnyFunction, kind: Kind): (string | symbol)[] {
  const own = Reflect.ownKeys(fn).filter((key) => !OF_FUNCTIONS.has(key));
  return kind === "class" ? own.filter((key) => !isWritten(fn, fn, key)) : own;
}

/** Undefined when it has none, or the one that every function gets. */
export function prototypeFields(fn: AnyFunction, kind: Kind): (string | symbol)[] | undefined {
  const prototype = prototypeOf(fn);
  if (prototype === undefined) return undefined;
  return Reflect.ownKeys(prototype).filter((key) => {
    if (key === "constructor" && Object.getOwnPropertyDescriptor(prototype, key)!.value === fn) return false;
    return kind !== "class" || !isWritten(fn, prototype, key);
  });
}

/** Undefined when it is the one that its text gives it. */
export function parentOf(fn: AnyFunction, kind: Kind): object | null | undefined {
  const parent = Object.getPrototypeOf(fn) as object | null;
  // A class names its base; that of a class without one could be changed, but not so that anyone would.
  if (kind === "class" || parent === null) return undefined;
  const isOfLanguage =
    typeof parent === "function"
      ? isNative(sourceOf(parent)) && !Object.hasOwn(parent, "prototype")
      : Object.hasOwn(parent, Symbol.toStringTag);
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

/** A method, an accessor or an arrow in a static field: made anew with the class. */
function isWritten(Class: AnyFunction, holder: object, key: string | symbol): boolean {
  const property = Object.getOwnPropertyDescriptor(holder, key)!;
  const parts = [property.value as unknown, property.get, property.set].filter((part) => part !== undefined);
  const text = sourceOf(Class);
  return (
    parts.length > 0 && parts.every((part) => typeof part === "function" && text.includes(sourceOf(part)))
  );
}
