/**
 * What stands for an object of the other side: an object with its methods, or a function. No Proxy: it has what the object has, so a
 * misspelt method fails where it is called, and nobody takes it for a promise.
 */
import type { Call } from "./comlink-calls.ts";

export function remoteObject(methods: readonly string[] | undefined, call: Call): object {
  if (methods === undefined) return (...args: unknown[]) => call(undefined, args);
  const remote: object = {};
  for (const name of methods) {
    const value = (...args: unknown[]): Promise<unknown> => call(name, args);
    Object.defineProperty(value, "name", { value: name });
    Object.defineProperty(remote, name, { value, enumerable: true });
  }
  return remote;
}

/** Of its classes and its own, by name. No getter is called. Undefined for a function, which is called itself. */
export function methodsOf(target: object): string[] | undefined {
  if (typeof target === "function") return undefined;
  const names = new Set<string>();
  for (let level: object | null = target; level !== null; level = Object.getPrototypeOf(level) as object) {
    // Also that of another realm, as test runners have their own.
    if (Object.getPrototypeOf(level) === null && Object.hasOwn(level, "hasOwnProperty")) break;
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (typeof value === "function" && name !== "constructor") names.add(name);
    }
  }
  return [...names];
}
