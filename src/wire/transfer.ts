/**
 * Values that move instead of being copied. The list is remembered beside the value, so the value itself, and its type,
 * stay what they are.
 */
import { types } from "node:util";
import type { TransferListItem } from "node:worker_threads";
import { sharedInRealm } from "../core/realm.ts";

const marked = sharedInRealm("transfers", () => ({
  lists: new WeakMap<object, readonly TransferListItem[]>(),
  // Most programs never transfer: one flag spares them a lookup for each argument.
  used: false,
}));

/**
 * Marks an argument or a result so that the listed parts move to the other thread instead of being copied. They are gone
 * (detached) on this side once the call leaves. Between processes nothing can move: there they are copied and stay usable.
 *
 * A call with a moved argument cannot be run again: when its worker dies, it is lost.
 *
 * @throws TypeError when the value is not an object, or the list not an array.
 * @example
 * ```js
 * import { runInExecutor, shutdownDefaultExecutors, transfer } from "offloop";
 * import { gzipSync } from "node:zlib";
 *
 * const bytes = new Uint8Array(1_000_000);
 * const zipped = await runInExecutor(null, gzipSync, transfer(bytes, [bytes.buffer]));
 * console.log(zipped.length < 2_000, bytes.length); // => true 0
 * await shutdownDefaultExecutors();
 * ```
 */
export function transfer<T>(value: T, list: readonly TransferListItem[]): T {
  if (typeof value !== "object" || value === null) {
    throw new TypeError("transfer: the value must be an object; primitives are always copied");
  }
  if (!Array.isArray(list)) {
    throw new TypeError("transfer: the second argument must be an array of what moves");
  }
  marked.lists.set(value, list);
  marked.used = true;
  return value;
}

/** Moved away before. Node 20 sends such a buffer all the same, and the other side cannot read the message. */
export function isDetached(item: unknown): boolean {
  if (!types.isArrayBuffer(item) || item.byteLength > 0) return false;
  try {
    return new Uint8Array(item).length > 0;
  } catch {
    return true;
  }
}

/** What moves with a value. */
export function transferListOf(value: unknown): readonly TransferListItem[] | undefined {
  if (!marked.used || typeof value !== "object" || value === null) return undefined;
  return marked.lists.get(value);
}
