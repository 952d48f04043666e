/**
 * What a call came to, on its way back.
 */
import { types } from "node:util";
import type { TransferListItem } from "node:worker_threads";
import { SerializationError } from "../core/errors.ts";
import { encodeError, encodePlainly, type WireError } from "./error-codec.ts";
import { ResultKind, type WireLoadFailure } from "./messages.ts";
import { isDetached, transferListOf } from "./transfer.ts";
import { findUncloneable } from "./uncloneable.ts";
import { asBuffer, cutToItself, MOVED_AWAY } from "./values.ts";

/** One result, ready for structured clone. */
export interface Outcome {
  readonly kind: ResultKind;
  readonly value: unknown;
  readonly transfer: readonly TransferListItem[] | undefined;
}

export function succeeded(value: unknown): Outcome {
  const transfer = transferListOf(value);
  if (transfer?.some(isDetached) === true) {
    return failed(new SerializationError("result", "result", MOVED_AWAY));
  }
  if (!ArrayBuffer.isView(value)) return { kind: ResultKind.value, value, transfer };
  const kind = Buffer.isBuffer(value) ? ResultKind.buffer : ResultKind.value;
  return { kind, value: cutToItself(value, transfer), transfer };
}

export function failed(error: unknown): Outcome {
  return { kind: ResultKind.error, value: encodeError(error), transfer: undefined };
}

/** The function could not be found here. Another way of sending it may help. */
export function notLoaded(error: unknown, functionId: number, module: string | undefined): Outcome {
  const failure: WireLoadFailure = { functionId, module, error: encodeError(error) };
  return { kind: ResultKind.notLoaded, value: failure, transfer: undefined };
}

/** What to send in place of an outcome that structured clone refused. Always clones. */
export function instead({ kind, value }: Outcome, refusal: unknown): Outcome {
  if (kind === ResultKind.error) {
    return { kind, value: encodePlainly(value as WireError), transfer: undefined };
  }
  if (kind === ResultKind.notLoaded) {
    const failure = value as WireLoadFailure;
    return { kind, value: { ...failure, error: encodePlainly(failure.error) }, transfer: undefined };
  }
  return failed(uncloneable("result", value, "result", refusal));
}

/** Names the part that structured clone refused. */
export function uncloneable(
  direction: "argument" | "result",
  value: unknown,
  root: string,
  refusal: unknown,
): SerializationError {
  const { path, what } = findUncloneable(value, root) ?? {
    path: root,
    what: "refused by structured clone (see cause)",
  };
  return new SerializationError(direction, path, path === "result" ? what + hint(value) : what, refusal);
}

function hint(result: unknown): string {
  return types.isGeneratorObject(result) ? ", whose items only executor.stream(fn, args) gives" : "";
}

/** The received value. Not for errors. */
export function received(kind: ResultKind, value: unknown): unknown {
  return kind === ResultKind.buffer ? asBuffer(value) : value;
}
