/**
 * A method with the object that it was called on, as one function that an executor can be given: bound, so that it runs as it
 * is where nothing has to travel.
 */
import type { AnyFunction } from "../core/function-handle.ts";
import { sharedInRealm } from "../core/realm.ts";

export interface MethodCall {
  readonly plain: AnyFunction;
  readonly self: object;
}

const calls = sharedInRealm("methodCalls", () => new WeakMap<AnyFunction, MethodCall>());

export function methodCall(plain: AnyFunction, self: object, name: string): AnyFunction {
  const bound = plain.bind(self as never);
  Object.defineProperty(bound, "name", { value: name, configurable: true });
  calls.set(bound, { plain, self });
  return bound;
}

export function methodCallOf(fn: AnyFunction): MethodCall | undefined {
  return calls.get(fn);
}
