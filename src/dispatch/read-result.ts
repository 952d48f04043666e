/**
 * A worker's answer, as the state and value that its task settles with.
 */
import type { AnyFunction } from "../core/function-handle.ts";
import type { Task } from "../core/task.ts";
import { decodeError, type ErrorClass, type WireError } from "../wire/error-codec.ts";
import { ResultKind } from "../wire/messages.ts";
import { received } from "../wire/results.ts";
import { unreadableError } from "./loss.ts";

/** Finds a class of the user's program, for an error that one of its functions threw. */
export type FindErrorClass = (thrower: AnyFunction, name: string, text: string) => ErrorClass | undefined;

export interface Answer {
  readonly state: "fulfilled" | "rejected";
  readonly value: unknown;
}

export function readResult(
  task: Task<unknown>,
  kind: ResultKind,
  value: unknown,
  context: { readonly where: string; readonly findClass: FindErrorClass },
): Answer {
  if (kind !== ResultKind.error) return { state: "fulfilled", value: received(kind, value) };
  const { where, findClass } = context;
  try {
    const error = decodeError(value as WireError, {
      where,
      findClass: (name, text) => findClass(task.handle.fn, name, text),
    });
    return { state: "rejected", value: error };
  } catch (cause) {
    // A class of the user's can be anything. Whatever it is, the task settles and the other answers are read.
    return { state: "rejected", value: unreadableError(task, "error", cause) };
  }
}
