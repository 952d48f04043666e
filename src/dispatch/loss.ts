/**
 * What becomes of the calls of a worker that died.
 */
import { type Loss, OffloopError, SerializationError, WorkerLostError } from "../core/errors.ts";
import { storesOf } from "../core/contexts.ts";
import type { Task } from "../core/task.ts";
import { warn } from "../core/warn.ts";
import { uncloneable } from "../wire/results.ts";
import { transferListOf } from "../wire/transfer.ts";
import { findUncloneable } from "../wire/uncloneable.ts";
import type { Seat } from "./seat.ts";

// A worker that dies before it begins its call, again and again, must not keep the call in a circle for ever.
const MOST_SENDS = 3;

/** What becomes of a call whose worker died. `again`: another worker may have it. */
export function fateOf(task: Task<unknown>, seat: Seat): "again" | WorkerLostError["phase"] {
  const words = seat.link?.words;
  const progress = words === undefined ? "waiting" : seat.inFlight.progress(task, words);
  if (progress === "sent" || progress === "ended") {
    const isHarmless = task.options.idempotent === true && task.sends < MOST_SENDS && !hasMoved(task);
    return isHarmless ? "again" : "finished";
  }
  const isLoading = words?.isLoading(task.id) === true;
  if (progress === "running" && !isLoading) return "running";
  if (progress === "waiting" && seat.inFlight.first !== task) {
    // It had no part in it, so this does not count as one of its times.
    task.sends--;
    return "again";
  }
  return task.sends >= MOST_SENDS || hasMoved(task) ? "unknown" : "again";
}

/** Something of its arguments moves to the worker: it leaves once. */
export function hasMoved({ args }: Task<unknown>): boolean {
  for (const argument of args) if (transferListOf(argument) !== undefined) return true;
  return false;
}

export function lostError(
  task: Task<unknown>,
  seat: Seat,
  loss: Loss,
  phase: WorkerLostError["phase"],
): WorkerLostError {
  return new WorkerLostError({ task: task.name, workerId: seat.id, loss, phase, attempts: task.sends });
}

/** Nobody's call failed, so nobody would hear of it: something that an earlier task left behind threw. */
export function warnOfIdleDeath(seat: Seat, { cause }: Loss, executor: string): void {
  if (seat.inFlight.size > 0) return;
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  warn(
    "WORKER_LOST",
    `Worker ${seat.id} of ${executor} died of an uncaught error while it was idle: ${text}`,
  );
}

/** Why a call could not leave. */
export function sendError(task: Task<unknown>, refusal: unknown): OffloopError {
  if (refusal instanceof OffloopError) return refusal;
  const stores = storesOf(task);
  const isContext = stores !== undefined && findUncloneable(task.args, "args") === undefined;
  return isContext
    ? uncloneable("argument", stores, "context", refusal)
    : uncloneable("argument", task.args, "args", refusal);
}

/** What left one side and cannot be read on the other. */
export function unreadableError(
  task: Task<unknown>,
  direction: "argument" | "result" | "error",
  cause: unknown,
): SerializationError {
  const path = { argument: "args", result: "result", error: "the thrown error" }[direction];
  return new SerializationError(direction, path, `unreadable on the other side (task ${task.name})`, cause);
}
