/**
 * What is said of a task whose worker has died.
 */
import { OffloopError } from "./offloop-error.ts";

/** How a worker ended. `exitCode` and `signal` are null where that kind of worker has none. */
export interface Loss {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly oom: boolean;
  /** Why it was ended, if it was. */
  readonly because?: string;
  /** The uncaught error that ended it, when there was one. */
  readonly cause?: unknown;
}

interface LostTask {
  readonly task: string;
  readonly workerId: number;
  readonly loss: Loss;
  readonly phase: "running" | "finished" | "unknown";
  readonly attempts: number;
}

/** The worker died while it had the task. The task may have had side effects: it is not run again by itself. */
export class WorkerLostError extends OffloopError {
  readonly code = "ERR_OFFLOOP_WORKER_LOST";
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly oom: boolean;
  readonly workerId: number;
  /** How often a worker had it. 0 of what no worker had begun: an actor's call that waited for its turn, or came after the
   * crash, and an actor whose worker died before the constructor. */
  readonly attempts: number;
  /** `running`: it died during the task. `finished`: the task was done, its result was lost on the way. */
  readonly phase: "running" | "finished" | "unknown";

  constructor({ task, workerId, loss, phase, attempts }: LostTask) {
    const how = loss.oom
      ? "ran out of memory"
      : loss.signal !== null
        ? `was ended by ${loss.signal}`
        : loss.cause !== undefined
          ? "died of an uncaught error (see cause)"
          : loss.because !== undefined
            ? `was ended because ${loss.because},`
            : `exited with code ${loss.exitCode}`;
    super(
      `Worker ${workerId} ${how} while it had task ${task}.`,
      "cause" in loss ? { cause: loss.cause } : undefined,
    );
    this.exitCode = loss.exitCode;
    this.signal = loss.signal;
    this.oom = loss.oom;
    this.workerId = workerId;
    this.attempts = attempts;
    this.phase = phase;
  }
  static {
    OffloopError.named(this, "WorkerLostError");
  }
}
