/**
 * The error family. Every error of this library is an {@link OffloopError} with a stable `code`; what went wrong is a
 * class, the numbers are fields, the message says what happened and what to do. Your own errors never come wrapped in
 * one of these.
 */

import { OffloopError } from "./offloop-error.ts";
import type { StackFrame } from "./stack-frame.ts";

export { DeadlockError, NotExposedError } from "./main-errors.ts";
export { isOffloopError, OffloopError } from "./offloop-error.ts";
export type { StackFrame } from "./stack-frame.ts";
export { type Loss, WorkerLostError } from "./worker-lost-error.ts";

/** As many tasks wait for busy workers as `maxPending` allows. Nothing was queued: wait for capacity, or raise the limit. */
export class QueueFullError extends OffloopError {
  readonly code = "ERR_OFFLOOP_QUEUE_FULL";
  readonly pending: number;
  readonly maxPending: number;

  constructor(executor: string, pending: number, maxPending: number) {
    super(
      `${executor} already holds ${pending} waiting tasks, and its maxPending is ${maxPending}. ` +
        "Submit more slowly, or raise maxPending.",
    );
    this.pending = pending;
    this.maxPending = maxPending;
  }
  static {
    OffloopError.named(this, "QueueFullError");
  }
}

/** A task used up its `timeoutMs` while it ran, or its `queueTimeoutMs` while it waited. `name` is "TimeoutError". */
export class TaskTimeoutError extends OffloopError {
  readonly code = "ERR_OFFLOOP_TASK_TIMEOUT";
  readonly timeoutMs: number;
  readonly phase: "queued" | "running";
  /** The stack where it hung, innermost first. Undefined: inside of one native call, or it could not be read; in a child process without `stacks: true`. */
  readonly hungAt: StackFrame[] | undefined;

  constructor(task: string, timeoutMs: number, phase: "queued" | "running", hungAt?: StackFrame[]) {
    super(
      phase === "queued"
        ? `Task ${task} waited ${timeoutMs} ms for a worker, its queueTimeoutMs. Add workers, or submit less.`
        : `Task ${task} was still running after ${timeoutMs} ms, its timeoutMs.${hangs(hungAt)}`,
    );
    this.timeoutMs = timeoutMs;
    this.phase = phase;
    this.hungAt = hungAt;
  }
  static {
    OffloopError.named(this, "TimeoutError");
  }
}

function hangs([innermost]: readonly StackFrame[] = []): string {
  if (innermost === undefined) return "";
  const { function: name, file, line, column } = innermost;
  return ` It was in ${name}${file === "" ? "" : ` (${file}:${line}:${column})`}.`;
}

/** No worker can be started; `cause` says why. The next call after a pause is the next try. */
export class BrokenExecutorError extends OffloopError {
  readonly code = "ERR_OFFLOOP_BROKEN_EXECUTOR";

  constructor(executor: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`${executor} cannot start a worker: ${reason}`, { cause });
  }
  static {
    OffloopError.named(this, "BrokenExecutorError");
  }
}

/** The executor was shut down. `killed` tells whether the task was already running. */
export class ExecutorClosedError extends OffloopError {
  readonly code = "ERR_OFFLOOP_EXECUTOR_CLOSED";
  readonly killed: boolean;

  constructor(executor: string, killed = false) {
    super(
      killed
        ? `${executor} was shut down while the task ran; its worker was ended.`
        : `${executor} is shut down. Make a new executor to go on.`,
    );
    this.killed = killed;
  }
  static {
    OffloopError.named(this, "ExecutorClosedError");
  }
}

/** Why a function cannot travel. */
export type TravelErrorKind =
  | "captured"
  | "this"
  | "native"
  | "live-object"
  | "private-field"
  | "shared-let"
  | "no-inspector"
  | "entry"
  | "eval"
  | "not-exported";

/** The function, something it captures, or its `this` cannot reach a worker. Nothing was run. */
export class TravelError extends OffloopError {
  readonly code = "ERR_OFFLOOP_TRAVEL";
  readonly kind: TravelErrorKind;
  /** What cannot travel: the function's name, or the path to what it captures. */
  readonly path: string;

  constructor(kind: TravelErrorKind, path: string, reason: string) {
    super(`Cannot send ${path} to a worker: ${reason}`);
    this.kind = kind;
    this.path = path;
  }
  static {
    OffloopError.named(this, "TravelError");
  }
}

/** An argument, a result, an item or an error cannot be copied to the other side. `path` names the part. */
export class SerializationError extends OffloopError {
  readonly code = "ERR_OFFLOOP_SERIALIZATION";
  readonly direction: "argument" | "result" | "item" | "error";
  readonly path: string;

  constructor(
    direction: "argument" | "result" | "item" | "error",
    path: string,
    what: string,
    cause?: unknown,
  ) {
    super(
      `Cannot copy ${path} between threads or processes: it is ${what}. Pass plain data.`,
      cause === undefined ? undefined : { cause },
    );
    this.direction = direction;
    this.path = path;
  }
  static {
    OffloopError.named(this, "SerializationError");
  }
}

/** A call of an actor that was disposed, or is being disposed. `killed` tells whether the call had left, and may have run. */
export class ActorDisposedError extends OffloopError {
  readonly code = "ERR_OFFLOOP_ACTOR_DISPOSED";
  readonly killed: boolean;

  constructor(call: string, killed = false) {
    super(
      killed
        ? `The actor was disposed before ${call} had ended; its worker was ended.`
        : `${call} was called on an actor that is disposed. Spawn a new one to go on.`,
    );
    this.killed = killed;
  }
  static {
    OffloopError.named(this, "ActorDisposedError");
  }
}

/** A scheduler or task group that is closing or closed was given more to do. Nothing was run. */
export class SchedulerClosedError extends OffloopError {
  readonly code = "ERR_OFFLOOP_SCHEDULER_CLOSED";

  constructor(scheduler: string) {
    super(`${scheduler} is closed and takes nothing more. Make a new one to go on.`);
  }
  static {
    OffloopError.named(this, "SchedulerClosedError");
  }
}

/** A bug in this library. Please report it with the message and the stack. */
export class InternalError extends OffloopError {
  readonly code = "ERR_OFFLOOP_INTERNAL";

  constructor(what: string, cause?: unknown) {
    super(
      `${what}. This is a bug in offloop: please report it.`,
      cause === undefined ? undefined : { cause },
    );
  }
  static {
    OffloopError.named(this, "InternalError");
  }
}

/** Ends a `switch` over a union: a case that nobody handles is a compile error, and a loud one at run time. */
export function assertNever(value: never): never {
  throw new InternalError(`Unexpected ${JSON.stringify(value)}`);
}
