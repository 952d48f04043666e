/**
 * What a crew of workers is made of, and what it tells.
 */
import type { Clock } from "../core/clock.ts";
import type { Deadlines } from "../core/deadlines.ts";
import type { Loss } from "../core/errors.ts";
import type { CompleteOptions } from "../core/executor-options.ts";
import type { Results } from "../wire/messages.ts";
import type { Seat } from "./seat.ts";
import type { Unreadable, WorkerDriver } from "./worker-link.ts";

export interface CrewParts {
  readonly driver: WorkerDriver;
  readonly options: CompleteOptions;
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  /** Asked before each start for calls that wait, or for `minWorkers`. */
  readonly mayStart: () => boolean;
}

/** What the crew tells the dispatcher. */
export interface CrewEvents {
  results(seat: Seat, results: Results): void;
  unreadable(seat: Seat, message: Unreadable): void;
  /** It ended, and nobody had asked for it. */
  lost(seat: Seat, loss: Loss): void;
  /** It was told to end at once. What it has sent may still arrive until it has `gone`. */
  killed(seat: Seat): void;
  gone(seat: Seat): void;
  startFailed(cause: unknown): void;
  /** A worker takes calls. It counts as busy until it is released. */
  started(seat: Seat): void;
}
