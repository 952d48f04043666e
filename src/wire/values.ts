/**
 * Arguments and results on their way. Structured clone loses two things that users notice, and both are mended here, so
 * that a call sees the same in every executor:
 *
 * 1. A Buffer would arrive as a Uint8Array. It is noted in the {@link Marks} and made a Buffer again.
 * 2. A view would drag its whole memory along: 3 bytes of a pooled Buffer are 8 KB, 10 bytes of a mapped file are the file.
 *    Such a view is cut to itself first, unless its memory is shared or moves.
 *
 * Only top-level values are treated; a Buffer inside an object arrives as a Uint8Array on threads. A top-level function
 * travels as the called one does.
 */
import { types } from "node:util";
import type { TransferListItem } from "node:worker_threads";
import { SerializationError } from "../core/errors.ts";
import { isDetached, transferListOf } from "./transfer.ts";

/** Which arguments must be rebuilt on arrival. Indexes. */
export interface Marks {
  readonly buffers?: readonly number[];
  /** Pairs: argument index, function id. */
  readonly functions?: readonly number[];
}

export interface Packed {
  readonly values: readonly unknown[];
  readonly marks: Marks | undefined;
  readonly transfer: readonly TransferListItem[] | undefined;
}

/** How the other side gets a function argument: its id there. */
export type FunctionId = (fn: (...args: never[]) => unknown) => number;

export const MOVED_AWAY = "marked by transfer() and was moved away before";

/** Whether nothing has to be done to them, as with most. */
export function isPacked(values: readonly unknown[]): boolean {
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (typeof value === "function" || (typeof value === "object" && value !== null)) return false;
  }
  return true;
}

/** Makes arguments ready for structured clone. The given array is not changed; it is reused when nothing had to be done. */
export function packValues(values: readonly unknown[], functionId: FunctionId): Packed {
  let packed: unknown[] | undefined;
  let buffers: number[] | undefined;
  let functions: number[] | undefined;
  let moves: TransferListItem[] | undefined;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (typeof value === "function") {
      packed ??= values.slice();
      packed[index] = null;
      (functions ??= []).push(index, functionId(value as (...args: never[]) => unknown));
    } else if (typeof value === "object" && value !== null) {
      const list = transferListOf(value);
      if (list !== undefined) (moves ??= []).push(...stillHere(list, index));
      if (!ArrayBuffer.isView(value)) continue;
      if (Buffer.isBuffer(value)) (buffers ??= []).push(index);
      const cut = cutToItself(value, list);
      if (cut !== value) (packed ??= values.slice())[index] = cut;
    }
  }
  const marks =
    buffers === undefined && functions === undefined
      ? undefined
      : { ...(buffers && { buffers }), ...(functions && { functions }) };
  return { values: packed ?? values, marks, transfer: moves };
}

function stillHere(list: readonly TransferListItem[], index: number): readonly TransferListItem[] {
  if (list.some(isDetached)) throw new SerializationError("argument", `args[${index}]`, MOVED_AWAY);
  return list;
}

/** The reverse of {@link packValues}, on the received copy. */
export function unpackValues(
  values: unknown[],
  marks: Marks | undefined,
  functionOf: (id: number) => unknown,
): unknown[] {
  for (const index of marks?.buffers ?? []) values[index] = asBuffer(values[index]);
  const functions = marks?.functions ?? [];
  for (let at = 0; at < functions.length; at += 2) values[functions[at]!] = functionOf(functions[at + 1]!);
  return values;
}

/** A view over the same bytes, as the class that was sent. Copies nothing. */
export function asBuffer(value: unknown): unknown {
  if (!types.isUint8Array(value) || Buffer.isBuffer(value)) return value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** The view itself when it covers its memory; otherwise a copy of just its bytes. */
export function cutToItself(view: ArrayBufferView, moves?: readonly unknown[]): ArrayBufferView {
  const { buffer, byteOffset, byteLength } = view;
  if (byteLength === buffer.byteLength || types.isSharedArrayBuffer(buffer) || moves?.includes(buffer)) {
    return view;
  }
  const bytes = buffer.slice(byteOffset, byteOffset + byteLength);
  const name = intrinsicName.call(view) ?? "DataView";
  const View = (globalThis as unknown as Record<string, new (buffer: ArrayBuffer) => ArrayBufferView>)[name]!;
  return new View(bytes);
}

/**
 * The name of the built-in class, undefined for a DataView. A subclass may call itself something else, and structured clone
 * would lose the subclass anyway.
 */
const intrinsicName = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)!.get as (this: ArrayBufferView) => string | undefined;
