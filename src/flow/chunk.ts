/**
 * Several items in one call. Here: what each came to. In the worker: {@link callOnEach}. An item and its result are treated as the
 * argument and the result of a call of their own would be: Buffers stay Buffers, views bring along only their own bytes, what
 * `transfer()` marked moves, and errors are themselves.
 */
import type { AnyFunction } from "../core/function-handle.ts";
import { findErrorClass } from "../travel/error-class.ts";
import { registerHere } from "../travel/register-here.ts";
import { decodeError, encodeError, type WireError } from "../wire/error-codec.ts";
import { transfer, transferListOf } from "../wire/transfer.ts";
import { asBuffer, cutToItself } from "../wire/values.ts";

type Sent =
  | { readonly kind: "value"; readonly value: unknown; readonly isBuffer: boolean }
  | { readonly kind: "error"; readonly error: WireError };

/** What became of one item. */
export type Outcome =
  { readonly kind: "value"; readonly value: unknown } | { readonly kind: "error"; readonly error: unknown };

/** Runs in the worker. With `stops`, the first error is the last outcome. */
export const callOnEach = registerHere(async function callOnEach(
  fn: (item: unknown) => unknown,
  stops: boolean,
  ...items: unknown[]
): Promise<Sent[]> {
  const outcomes: Sent[] = [];
  const moves: NonNullable<ReturnType<typeof transferListOf>>[number][] = [];
  for (const item of items) {
    try {
      const value = await fn(item);
      const list = transferListOf(value);
      if (list !== undefined) moves.push(...list);
      outcomes.push({
        kind: "value",
        value: ArrayBuffer.isView(value) ? cutToItself(value, list) : value,
        isBuffer: Buffer.isBuffer(value),
      });
    } catch (error) {
      outcomes.push({ kind: "error", error: encodeError(error) });
      if (stops) break;
    }
  }
  return moves.length === 0 ? outcomes : transfer(outcomes, moves);
});

export function readOutcomes(sent: readonly Sent[], fn: AnyFunction, where: string): Outcome[] {
  const findClass = findErrorClass.bind(undefined, fn);
  return sent.map((outcome) =>
    outcome.kind === "error"
      ? { kind: "error", error: decodeError(outcome.error, { where, findClass }) }
      : { kind: "value", value: outcome.isBuffer ? asBuffer(outcome.value) : outcome.value },
  );
}
