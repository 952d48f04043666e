/**
 * The items of one turn, on their way: copied when they were made, because the function goes on and may change what it gave.
 *
 * What is large or moves goes alone, uncopied: its turn ends with it, and nothing of the function runs before it has left.
 */
import { deserialize } from "node:v8";
import { SerializationError } from "../core/errors.ts";
import { ownWorker } from "../core/realm.ts";
import { serializeForProcess } from "../wire/shared-memory.ts";
import { transfer, transferListOf } from "../wire/transfer.ts";
import { findUncloneable } from "../wire/uncloneable.ts";
import { asBuffer, cutToItself } from "../wire/values.ts";

/** Whether more may come; the indexes of those that are Buffers, or 0; the items. */
export type SentItems = readonly [isDone: boolean, buffers: readonly number[] | 0, ...items: unknown[]];

const HEADER = 2;
// Copying this much costs about what a turn costs.
const LARGE_BYTES = 4_096;

export class Items {
  readonly #sent: [boolean, number[] | 0, ...unknown[]] = [false, 0];
  #isFull = false;

  get size(): number {
    return this.#sent.length - HEADER;
  }

  /** It holds one that goes alone. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** False: it goes alone, and others are here. @throws SerializationError */
  add(item: unknown): boolean {
    if (typeof item === "function" || typeof item === "symbol") throw refused(item, undefined);
    if (typeof item !== "object" || item === null) {
      this.#sent.push(item);
      return true;
    }
    const moves = transferListOf(item);
    const isView = ArrayBuffer.isView(item);
    const isAlone = moves !== undefined || (isView && item.byteLength >= LARGE_BYTES);
    if (isAlone && this.size > 0) return false;
    this.#isFull = isAlone;
    if (Buffer.isBuffer(item)) (this.#sent[1] ||= []).push(this.size);
    const whole = isView ? cutToItself(item, moves) : item;
    this.#sent.push(isAlone ? whole : copy(whole));
    if (moves !== undefined) transfer(this.#sent, moves);
    return true;
  }

  end(): void {
    this.#sent[0] = true;
  }

  get sent(): SentItems {
    return this.#sent;
  }
}

/** On the other side. */
export function readItems([, buffers, ...items]: SentItems): unknown[] {
  for (const index of buffers === 0 ? [] : buffers) items[index] = asBuffer(items[index]);
  // From a process they come as views of the memory of their message.
  items.forEach((item, index) => {
    if (ArrayBuffer.isView(item)) items[index] = Buffer.isBuffer(item) ? item : cutToItself(item);
  });
  return items;
}

/** One that went alone, and that the channel refused. */
export function itemError(error: unknown): unknown {
  if (!(error instanceof SerializationError) || error.direction !== "result") return error;
  const path = error.path.replace(/^result(\[\d+\])?/, "item");
  return new SerializationError(
    "item",
    path,
    "refused by structured clone (see cause)",
    error.cause ?? error,
  );
}

function copy(item: object): unknown {
  try {
    // Processes refuse more than threads.
    if (ownWorker()?.kind !== "process") return structuredClone(item);
    return deserialize(serializeForProcess(item));
  } catch (refusal) {
    throw refused(item, refusal);
  }
}

function refused(item: unknown, refusal: unknown): SerializationError {
  const { path, what } = findUncloneable(item, "item") ?? {
    path: "item",
    what: "refused by structured clone (see cause)",
  };
  return new SerializationError("item", path, what, refusal);
}
