/**
 * `threaded` itself, and decorators made with it, as captured code may hold them: what compilers make of a decorated class
 * applies its decorators again when the class is made anew. In a worker everything runs in place, so there what they give is
 * the function or the method as it is.
 */
import type { AnyFunction } from "../core/function-handle.ts";
import { sharedInRealm } from "../core/realm.ts";

export type Role = "threaded" | "decorator";

const roles = sharedInRealm("roles", () => new WeakMap<object, Role>());

export function playsRole(fn: AnyFunction, role: Role): void {
  roles.set(fn, role);
}

export function roleOf(fn: object): Role | undefined {
  return roles.get(fn);
}

/** In a worker. A decorator that gives nothing leaves its method as it is. */
export function standIn(role: Role): AnyFunction {
  const decorator = (): undefined => undefined;
  if (role === "decorator") return decorator;
  const isPlainCall = (args: readonly unknown[]): boolean =>
    typeof args[0] === "function" && typeof (args[1] as { kind?: unknown } | undefined)?.kind !== "string";
  return (...args: unknown[]) => {
    if (isPlainCall(args)) return inPlace(() => args[0] as AnyFunction);
    return args.length === 1 ? decorator : undefined;
  };
}

/** As a worker runs a wrapped function: in place. */
export function inPlace(target: () => AnyFunction): AnyFunction {
  const call = async (...args: never[]): Promise<unknown> => target()(...args);
  return Object.assign(call, { sync: (...args: never[]) => target()(...args), with: () => call });
}

/** A decorated one: with the `this` of the call. */
export function methodInPlace(target: () => AnyFunction): AnyFunction {
  return async function (this: unknown, ...args: never[]): Promise<unknown> {
    return Reflect.apply(target(), this, args);
  };
}
