/**
 * Which plain function a `threaded()` one stands for, so that handing the wrapped one to an executor means the plain one.
 */
import type { AnyFunction } from "../core/function-handle.ts";
import { sharedInRealm } from "../core/realm.ts";

const plain = sharedInRealm("plain", () => new WeakMap<AnyFunction, AnyFunction>());

export function markThreaded(wrapped: AnyFunction, fn: AnyFunction): void {
  plain.set(wrapped, fn);
}

export function plainFunction(wrapped: AnyFunction): AnyFunction | undefined {
  return plain.get(wrapped);
}

const decorators = sharedInRealm("decorators", () => new WeakSet<object>());

/** What `threaded({ … })` gives. */
export function markDecorator(decorator: object): void {
  decorators.add(decorator);
}

export function isDecorator(value: object): boolean {
  return decorators.has(value);
}
