/**
 * Callbacks: arguments that stay where they are, and are called from the worker.
 */
import { isThenable } from "../core/is-thenable.ts";
import { sharedInRealm } from "../core/realm.ts";
import { SerializationError } from "../core/errors.ts";
import { transferListOf } from "../wire/transfer.ts";
import { describe } from "../wire/uncloneable.ts";

const marked = sharedInRealm("proxies", () => new WeakSet());

/**
 * Marks a function or an object, given as an argument to an actor's constructor or method, to stay in this thread. The actor gets a
 * function, or an object with the same methods, that calls it here and gives promises. What it is called with, and what it
 * returns, is copied; an error that it throws comes to the actor as itself.
 *
 * The mark is the value's own: it is given back unchanged, and need be marked once only.
 *
 * @throws TypeError when the value is neither a function nor an object, and when it has a method `then`.
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
    const got = typeof value === "string" ? JSON.stringify(value) : describe(value);
    throw new TypeError(
      `proxy: the value must be a function or an object, got ${got}; primitives are copied`,
    );
  }
  if (isThenable(value)) {
    const why = "what stands for it there would be awaited by accident. Await it first, or give a function";
    throw new TypeError(`proxy: the value must not have a method then, got ${describe(value)}: ${why}`);
  }
  marked.add(value);
  return value;
}

export function isProxied(value: unknown): value is object {
  return (typeof value === "object" || typeof value === "function") && value !== null && marked.has(value);
}

/** What would be copied without its meaning: a mark, a signal. @throws SerializationError */
export function refuseMeaningless(args: readonly unknown[], canMove: boolean): void {
  for (const [index, argument] of args.entries()) {
    if (typeof argument !== "object" || argument === null || isProxied(argument)) continue;
    const moved = canMove ? transferListOf(argument) : undefined;
    refuseSignal(argument, moved, `args[${index}]`);
    // A bag of options; what is deeper is too much to search at each call.
    if (Object.getPrototypeOf(argument) !== Object.prototype) continue;
    for (const [key, value] of Object.entries(argument)) {
      const path = `args[${index}].${key}`;
      refuseSignal(value, moved, path);
      if (!isProxied(value)) continue;
      const what = "marked by proxy(), and only an argument itself can stay here";
      throw new SerializationError("argument", path, what);
    }
  }
}

/** One of `transferableAbortSignal` that moves to a thread is aborted there, too. Node itself refuses any other in the list. */
function refuseSignal(value: unknown, moved: readonly unknown[] | undefined, path: string): void {
  if (!(value instanceof AbortSignal) || moved?.includes(value)) return;
  const what = "an AbortSignal, whose copy would never abort: have the method ask a proxy() whether to go on";
  throw new SerializationError("argument", path, what);
}
