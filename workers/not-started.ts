/**
 * Why a worker has not started, as main is told.
 */
import type { NotLoaded } from "../src/travel/not-loaded.ts";
import { encodeError } from "../src/wire/error-codec.ts";
import type { FromWorker, WireLoadFailure } from "../src/wire/messages.ts";

/** A function of the initializer or the finalizer was not found. */
export class NotStarted extends Error {
  readonly failure: WireLoadFailure;

  constructor(functionId: number, { cause, module }: NotLoaded) {
    super("not started", { cause });
    this.failure = { functionId, module, error: encodeError(cause) };
  }
}

export function startFailed(error: unknown): FromWorker {
  if (!(error instanceof NotStarted)) return { type: "start-failed", error: encodeError(error) };
  const { failure } = error;
  return { type: "start-failed", error: failure.error, notLoaded: failure };
}
