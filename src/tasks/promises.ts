/**
 * The first argument of the tools that take several promises.
 */
import { inspect } from "node:util";

/** @throws TypeError for what cannot be iterated. */
export function listOf<T>(promises: Iterable<T>, owner: string): T[] {
  if (typeof promises === "object" && promises !== null && Symbol.iterator in promises) return [...promises];
  const got = inspect(promises, { depth: 0, maxStringLength: 40 });
  throw new TypeError(`${owner}: the first argument must be an iterable of promises, got ${got}`);
}
