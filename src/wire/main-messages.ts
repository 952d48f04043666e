/**
 * Calls from a worker back to main, and what tasks report.
 *
 * What users give goes as bytes: a message that cannot be read where it arrives tells nothing, not even whose it was, and the call in it would
 * never be answered. Memory that threads share is no bytes, and goes as it is.
 */
import { deserialize } from "node:v8";
import { SerializationError } from "../core/errors.ts";
import type { Stores } from "../core/contexts.ts";
import { encodeError, encodePlainly } from "./error-codec.ts";
import { serializeForProcess } from "./shared-memory.ts";
import { findUncloneable } from "./uncloneable.ts";
import { cutToItself } from "./values.ts";

export type Content = { readonly bytes: Uint8Array } | { readonly raw: unknown };

export interface MainCall {
  readonly type: "main-call";
  readonly id: number;
  /** The task that calls. 0: none. */
  readonly taskId: number;
  readonly name: string;
  /** The worker blocks until the answer. */
  readonly sync: boolean;
  /** The arguments, and the stores that are not what the call brought along. */
  readonly content: Content;
}

export interface CallContent {
  readonly args: unknown[];
  readonly stores: Stores | undefined;
}

export interface Report {
  readonly type: "report";
  readonly taskId: number;
  readonly content: Content;
}

export interface MainAnswer {
  readonly type: "main-answer";
  readonly id: number;
  readonly sync: boolean;
  readonly failed: boolean;
  /** The result, or an encoded error. */
  readonly content: Content;
}

export type FromTask = MainCall | Report;

export interface Packing {
  readonly direction: SerializationError["direction"];
  /** What it is called in an error. */
  readonly root: string;
  /** Whether both sides are in one process. */
  readonly sharesMemory: boolean;
}

/** @throws SerializationError with the path to what cannot be copied. */
export function packContent(value: unknown, named: unknown, packing: Packing): Content {
  try {
    return { bytes: serializeForProcess(value) };
  } catch (refusal) {
    if (packing.sharesMemory && clones(value)) return { raw: value };
    const { direction, root } = packing;
    const found = findUncloneable(named, root) ?? findUncloneable(value, "");
    throw new SerializationError(
      direction,
      found?.path ?? root,
      found?.what ?? "refused by structured clone (see cause)",
      refusal,
    );
  }
}

function clones(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

export function packError(error: unknown): Content {
  const wire = encodeError(error);
  try {
    return { bytes: serializeForProcess(wire) };
  } catch {
    return { bytes: serializeForProcess(encodePlainly(wire)) };
  }
}

/** @throws what reading throws */
export function unpackContent(content: Content): unknown {
  return "raw" in content ? content.raw : cutView(deserialize(content.bytes));
}

/** @throws what reading throws */
export function unpackCall({ content }: MainCall): CallContent {
  const { args, stores } = unpackContent(content) as CallContent;
  return { args: args.map(cutView), stores };
}

/** Where the caller is on main's own thread. */
export function notSynchronous(name: string): string {
  return `runOnMain.sync: ${JSON.stringify(name)} gives a promise, and here nothing can wait for it. Use runOnMain.`;
}

function cutView(value: unknown): unknown {
  return ArrayBuffer.isView(value) ? ownView(value) : value;
}

/** A Buffer stays one. */
function ownView(view: ArrayBufferView): ArrayBufferView {
  const own = cutToItself(view);
  return Buffer.isBuffer(view) && !Buffer.isBuffer(own)
    ? Buffer.from(own.buffer as ArrayBuffer, own.byteOffset, own.byteLength)
    : own;
}
