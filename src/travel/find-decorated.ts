/**
 * In a worker: the method that was decorated at a place, or the class that has it. The class is known by the method in it, so
 * only classes that can be reached are found: by exports, or by variables of their module.
 */
import type { AnyFunction } from "../core/function-handle.ts";
import { NoInspector } from "../inspect/inspector.ts";
import { locate, variablesOf } from "../inspect/locate.ts";
import { type Decorated, decoratedAt, digestOf, owns } from "./decorated.ts";
import { walkExports } from "./find-export.ts";
import { type DecoratedReference, isLike } from "./reference.ts";

const classes = new WeakMap<AnyFunction, AnyFunction>();

/** Undefined when it is not there, or there are several that it could be. */
export function findDecorated(wanted: DecoratedReference, exports: unknown): AnyFunction | undefined {
  const method = decoratedAt(wanted);
  if (method === undefined || !isLike(method.plain, wanted)) return undefined;
  const { classDigest } = wanted;
  if (classDigest === undefined) return method.plain;
  const known = classes.get(method.plain);
  if (known !== undefined) return digestOf(known) === classDigest ? known : undefined;
  const fits = (value: unknown): value is AnyFunction =>
    typeof value === "function" &&
    owns(value as AnyFunction, method) &&
    digestOf(value as AnyFunction) === classDigest;
  const found =
    theOnly([legacyClass(method)], fits) ??
    theOnly(exported(exports), fits) ??
    theOnly(variables(method), fits);
  if (found !== undefined) classes.set(method.plain, found);
  return found;
}

function legacyClass({ holder, isStatic }: Decorated): unknown {
  return isStatic ? holder : holder?.constructor;
}

function theOnly<T>(values: Iterable<unknown>, fits: (value: unknown) => value is T): T | undefined {
  const found = new Set<T>();
  for (const value of values) if (fits(value)) found.add(value);
  const [one, other] = found;
  return other === undefined ? one : undefined;
}

function* exported(exports: unknown): Generator<unknown> {
  for (const { value } of walkExports(exports)) yield value;
}

function variables({ plain }: Decorated): unknown[] {
  try {
    const location = locate(plain);
    return location === undefined ? [] : variablesOf(location).map(([, value]) => value);
  } catch (error) {
    if (error instanceof NoInspector) return [];
    throw error;
  }
}
