/**
 * The class of an error that came back from a worker, on this side: a name that the thrower, or a function it was thrown
 * through, can see here. Only looked for when a class that is not built in was thrown.
 */
import type { AnyFunction } from "../core/function-handle.ts";
import { lookUp } from "../inspect/locate.ts";
import type { ErrorClass } from "../wire/error-codec.ts";
import { commonJsClass } from "./cjs-export.ts";
import { sourceOf } from "./reference.ts";

const found = new Map<string, WeakRef<ErrorClass>>();

/** Undefined when there is none of that name and source: the error then keeps its name and fields, as an Error. */
export function findErrorClass(thrower: AnyFunction, name: string, text: string): ErrorClass | undefined {
  const fits = (value: unknown): value is ErrorClass =>
    typeof value === "function" && sourceOf(value) === text && value.prototype instanceof Error;
  const key = `${name}\n${text}`;
  const known = found.get(key)?.deref();
  if (known !== undefined) return known;
  const candidate = commonJsClass(name, fits) ?? visibleTo(thrower, name);
  if (!fits(candidate)) return undefined;
  found.set(key, new WeakRef(candidate));
  return candidate;
}

function visibleTo(thrower: AnyFunction, name: string): unknown {
  try {
    return lookUp(thrower, name);
  } catch {
    // No inspector in this process: the error comes back without its class.
    return undefined;
  }
}
