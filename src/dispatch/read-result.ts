/**
 * A worker's answer, as the state and value that its task settles with.
 */
import { streamOf } from "../core/stream-turns.ts";
import type { Task } from "../core/task.ts";
import { decodeError, type WireError } from "../wire/error-codec.ts";
import type { WireLoadFailure } from "../wire/messages.ts";
import { ResultKind } from "../wire/messages.ts";
import { received } from "../wire/results.ts";
import { unreadableError } from "./loss.ts";
import type { LoadFailure, TravelHelp } from "./travel-help.ts";

export interface Answer {
  readonly state: "fulfilled" | "rejected";
  readonly value: unknown;
}

export interface ReadContext {
  readonly where: string;
  readonly travel: TravelHelp;
}

export function readResult(
  task: Task<unknown>,
  kind: ResultKind,
  value: unknown,
  context: ReadContext,
): Answer {
  switch (kind) {
    case ResultKind.value:
    case ResultKind.buffer:
      return { state: "fulfilled", value: received(kind, value) };
    case ResultKind.error:
      return { state: "rejected", value: readError(task, value as WireError, context) };
    case ResultKind.notLoaded:
      return { state: "rejected", value: readError(task, (value as WireLoadFailure).error, context) };
  }
}

/** Why a worker did not run the call. */
export function readLoadFailure(task: Task<unknown>, value: unknown, context: ReadContext): LoadFailure {
  const { functionId, module, error } = value as WireLoadFailure;
  return { functionId, module, error: readError(task, error, context) };
}

function readError(task: Task<unknown>, error: WireError, { where, travel }: ReadContext): unknown {
  try {
    return decodeError(error, {
      where,
      findClass: (name, text) => travel.findErrorClass(streamOf(task)?.fn ?? task.handle.fn, name, text),
    });
  } catch (cause) {
    // A class of the user's can be anything. Whatever it is, the task settles and the other answers are read.
    return unreadableError(task, "error", cause);
  }
}
