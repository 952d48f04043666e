/**
 * What the assignment of calls to workers is made of, and what it tells.
 */
import type { Clock } from "../core/clock.ts";
import type { Deadlines } from "../core/deadlines.ts";
import type { CompleteOptions } from "../core/executor-options.ts";
import type { TravelHelp } from "./travel-help.ts";
import type { WorkerDriver } from "./worker-link.ts";

export interface AssignmentParts {
  readonly driver: WorkerDriver;
  readonly options: CompleteOptions;
  readonly clock: Clock;
  /** From 0 to 1, for the jitter of pauses. */
  readonly random: () => number;
  readonly deadlines: Deadlines;
  readonly travel: TravelHelp;
}

export interface AssignmentEvents {
  /** Something settled or was given up: it may be the last. */
  settled(): void;
  started(): void;
  /** Why nothing can be run, though it was taken. */
  broken(): Error | undefined;
  /** Whether new workers may come that no waiting call needs. */
  isOpen(): boolean;
  startFailed(cause: unknown): void;
  /** A worker ended before it did anything, and no other is started for it. */
  notReplaced(cause: unknown): void;
}
