/**
 * Callbacks: arguments that stay where they are, and are called from the worker.
 */
import { sharedInRealm } from "../core/realm.ts";

const marked = sharedInRealm("proxies", () => new WeakSet());

/**
 * Marks a function or an object, given as an argument to an actor's constructor or method, to stay in this thread. The actor gets a
 * function, or an object with the same methods, that calls it here and gives promises. What it is called with, and what it
 * returns, is copied; an error that it throws comes to the actor as itself.
 *
 * The mark is the value's own: it is given back unchanged, and need be marked once only.
 *
 * @throws TypeError when the value is neither a function nor an object.
 * @example
 * ```js
 * import { proxy, spawnActor } from "offloop/actors";
 *
 * class Counter {
 *   async count(to, progress) {
 *     for (let n = 1; n <= to; n++) await progress(n);
 *     return to;
 *   }
 * }
 * const counter = await spawnActor(Counter, []);
 * await counter.count(3, proxy((n) => console.log(n)));
 * // => 1
 * // => 2
 * // => 3
 * await counter.dispose();
 * ```
 */
export function proxy<T extends object>(value: T): T {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) {
    throw new TypeError("proxy: the value must be a function or an object; primitives are copied");
  }
  marked.add(value);
  return value;
}

export function isProxied(value: unknown): value is object {
  return (typeof value === "object" || typeof value === "function") && value !== null && marked.has(value);
}
