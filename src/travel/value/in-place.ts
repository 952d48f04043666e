/**
 * `threaded()` functions and methods as a worker has them: their calls run in place, because the worker is the thread that was
 * asked for.
 */
import type { AnyFunction } from "../../core/function-handle.ts";

/** A wrapped function. */
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
