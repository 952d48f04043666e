/**
 * The class of an error that came back from a worker, on this side: a name that the thrower, or a function it was thrown
 * through, can see here. Only looked for when a class that is not built in was thrown.
 */
import type { AnyFunction } from "../core/function-handle.ts";
import { locate, lookUp } from "../inspect/locate.ts";
import type { ErrorClass } from "../wire/error-codec.ts";
import { commonJsClass } from "./cjs-export.ts";
import { methodCallOf } from "./method-call.ts";
import { sourceOf } from "./reference.ts";

// By thrower: two copies of a package have a class each of the same name and text.
const found = new WeakMap<AnyFunction, Map<string, WeakRef<ErrorClass>>>();

/** Undefined when there is none of that name and source: the error then keeps its name and fields, as an Error. */
export function findErrorClass(thrower: AnyFunction, name: string, text: string): ErrorClass | undefined {
  const fits = (value: unknown): value is ErrorClass =>
    typeof value === "function" && sourceOf(value) === text && value.prototype instanceof Error;
  const known = found.get(thrower) ?? new Map<string, WeakRef<ErrorClass>>();
  found.set(thrower, known);
  const key = `${name}\n${text}`;
  const before = known.get(key)?.deref();
  if (before !== undefined) return before;
  const candidate = [visibleTo(thrower, name)].find(fits) ?? commonJsClass(name, fits);
  if (!fits(candidate)) return undefined;
  known.set(key, new WeakRef(candidate));
  return candidate;
}

function visibleTo(thrower: AnyFunction, name: string): unknown {
  try {
    const location = locate(methodCallOf(thrower)?.plain ?? thrower);
    return location && lookUp(location, name);
  } catch {
    // No inspector in this process: only what CommonJS exports can be found.
    return undefined;
  }
}
