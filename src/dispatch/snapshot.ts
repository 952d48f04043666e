/**
 * `statistics()`: everything at one instant, frozen.
 */
import type { Clock } from "../core/clock.ts";
import type { CompleteOptions } from "../core/executor-options.ts";
import type { LifecycleState } from "../core/lifecycle.ts";
import type { DispatchStatistics, WorkerStatistics } from "../core/statistics.ts";
import type { Crew } from "./crew.ts";
import type { Ledger } from "./ledger.ts";
import type { Seat } from "./seat.ts";
import type { WorkerDriver } from "./worker-link.ts";

export interface SnapshotOf {
  readonly kind: WorkerDriver["kind"];
  readonly state: LifecycleState;
  readonly options: CompleteOptions;
  readonly crew: Crew;
  readonly ledger: Ledger;
  readonly clock: Clock;
}

export function snapshot({ kind, state, options, crew, ledger, clock }: SnapshotOf): DispatchStatistics {
  // What has ended and has arrived does not count as running.
  for (const seat of crew.seats()) if (seat.inFlight.size > 0) seat.link!.drain();
  const now = clock.now();
  const { name, maxWorkers, maxPending } = options;
  const seats = [...crew.all()];
  const counted = ledger.counted();
  const { submitted, fulfilled, rejected, cancelled } = counted;
  const running = ledger.running(seats) + ledger.streams.resting;
  return Object.freeze({
    name,
    kind,
    state,
    maxWorkers,
    maxPending,
    nice: crew.nice,
    workers: Object.freeze(seats.map((seat) => workerStatistics(seat, now, options))),
    pending: submitted - running - fulfilled - rejected - cancelled,
    running,
    ...counted,
    ...ledger.snapshot(seats, maxWorkers),
  });
}

const STATES = {
  starting: "starting",
  idle: "idle",
  busy: "busy",
  retiring: "busy",
  stuck: "stuck",
} as const;

function workerStatistics(seat: Seat, now: number, options: CompleteOptions): WorkerStatistics {
  const { id, link, state, tasks, bornAt } = seat;
  const isWeighed = options.maxWorkerMemoryBytes !== undefined && tasks > 0;
  return Object.freeze({
    id,
    ...(link?.threadId !== undefined && { threadId: link.threadId }),
    ...(link?.pid !== undefined && { pid: link.pid }),
    state: STATES[state.kind],
    tasks,
    activeMs: seat.activeMs + runningMs(seat, now),
    ageMs: now - bornAt,
    ...(isWeighed && { memoryBytes: link!.words.memoryBytes }),
  });
}

/** Of the task that has not ended: a worker that hangs is not idle. */
function runningMs(seat: Seat, now: number): number {
  const { inFlight, link } = seat;
  const running = [...inFlight].find((task) => inFlight.progress(task, link!.words) === "running");
  return running === undefined ? 0 : Math.max(0, now - seat.startedAt(running));
}
