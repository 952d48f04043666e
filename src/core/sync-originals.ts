/**
 * Functions of Node that the loop monitor has wrapped (`syncCalls`), and what they were: a worker has only those.
 */
import { sharedInRealm } from "./realm.ts";

type AnyFunction = (...args: never[]) => unknown;

const originals = sharedInRealm("syncOriginals", () => new WeakMap<AnyFunction, AnyFunction>());

export function noteOriginal(wrapper: AnyFunction, original: AnyFunction): void {
  originals.set(wrapper, original);
}

export function originalOf(fn: AnyFunction): AnyFunction {
  return originals.get(fn) ?? fn;
}
