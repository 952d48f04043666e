/**
 * Who has settled and how often what happened: the counters and distributions of one executor. The sum rule holds at any
 * time: submitted = pending + running + fulfilled + rejected + cancelled.
 */
import type { Clock } from "../core/clock.ts";
import { type Distribution, Durations } from "../core/distribution.ts";
import { Counters, FunctionTable, type FunctionStatistics } from "../core/statistics.ts";
import { streamOf } from "../core/stream-turns.ts";
import { began, handOver, isOpen, placeOf, requeue, settle, type Task } from "../core/task.ts";
import { TaskEvents } from "../core/task-events.ts";
import type { RunEnd } from "../core/task-timing.ts";
import { ActiveTime } from "../core/utilization.ts";
import type { OpenStream } from "./open-stream.ts";
import { OpenStreams } from "./open-streams.ts";
import type { Seat } from "./seat.ts";

export class Ledger {
  readonly counters = new Counters();
  readonly streams = new OpenStreams();
  readonly #told: TaskEvents;
  readonly #clock: Clock;
  readonly #functions = new FunctionTable();
  readonly #waitMs = new Durations();
  readonly #active: ActiveTime;
  /** Handed to a worker and not settled. Some of them may wait there. */
  inHand = 0;

  constructor(executor: string, clock: Clock) {
    this.#told = new TaskEvents(executor);
    this.#clock = clock;
    this.#active = new ActiveTime(clock.now());
  }

  /** A turn of a stream is none of its own, here and below. */
  submitted(task: Task<unknown>): void {
    if (streamOf(task) !== undefined) return;
    this.counters.submitted++;
    this.#told.submitted(task);
  }

  handOver(task: Task<unknown>, seat: Seat): void {
    if (!handOver(task, seat)) return;
    this.inHand++;
    this.#told.sent(task, seat.id);
  }

  /** When it began, once that is known. */
  began(task: Task<unknown>, at: number): void {
    const startedAt = Math.max(at, task.submittedAt);
    if (!began(task, startedAt) || streamOf(task)?.hasBegun === true) return;
    this.#waitMs.record(startedAt - task.submittedAt);
  }

  /** False when the task was settled before. */
  settle(
    task: Task<unknown>,
    state: "fulfilled" | "rejected" | "cancelled",
    value: unknown,
    run?: RunEnd,
  ): boolean {
    if (!isOpen(task)) return false;
    const wasInHand = placeOf(task) !== undefined;
    const isCounted = streamOf(task) === undefined;
    if (isCounted) this.#told.settling(task, state, value);
    void settle(task, state, value, run);
    if (wasInHand) this.inHand--;
    if (isCounted) this.counters[state]++;
    return true;
  }

  streamSettled(stream: OpenStream, state: "fulfilled" | "rejected" | "cancelled", reason: unknown): void {
    if (!this.streams.delete(stream)) return;
    if (stream.hasBegun) this.#functions.ran(stream.task.name, stream.runMs);
    this.#told.settling(stream.task, state, reason);
    void settle(stream.task, state, reason);
    // It told whoever reads.
    if (state === "rejected") stream.task.catch(() => {});
    this.counters[state]++;
  }

  /** A worker answered, for a task that may have been settled before. */
  ran(task: Task<unknown>, seat: Seat, runMs: number): void {
    seat.activeMs += runMs;
    const stream = streamOf(task);
    if (stream !== undefined) return stream.ran(seat, runMs);
    seat.tasks++;
    this.#functions.ran(task.name, runMs);
  }

  /** Tasks ran one after the other for so long, until now. */
  active(ms: number, now: number): void {
    this.#active.add(ms, now);
  }

  counted(): Readonly<Record<keyof Counters, number>> {
    return Object.assign({}, this.counters);
  }

  /** It is no worker's any more, and nobody settled it. False when it has settled. */
  takenBack(task: Task<unknown>): boolean {
    if (!requeue(task)) return false;
    this.inHand--;
    return true;
  }

  /** It waits again, and has not run. */
  requeued(task: Task<unknown>): void {
    void this.takenBack(task);
    this.counters.requeued++;
    this.#told.requeued(task);
  }

  /** To be run again, because of that error. */
  retried(task: Task<unknown>, error: unknown): void {
    void this.takenBack(task);
    this.counters.retried++;
    this.#told.retried(task, error);
  }

  lost(task: Task<unknown>): void {
    this.counters.lost++;
    this.#functions.lost(task.name);
  }

  /** How many of those that were handed over have begun. */
  running(seats: Iterable<Seat>): number {
    let running = 0;
    for (const seat of seats) {
      for (const task of seat.inFlight) if (isOpen(task) && seat.hasBegun(task)) running++;
    }
    return running;
  }

  snapshot(seats: readonly Seat[], maxWorkers: number): Measured {
    const now = this.#clock.now();
    const runningSince = seats
      .filter(({ inFlight }) => inFlight.size > 0)
      .map((seat) => seat.startedAt(seat.inFlight.first!));
    return {
      waitMs: this.#waitMs.snapshot(),
      runMs: this.#functions.runMs(),
      utilization: this.#active.utilization(now, maxWorkers, runningSince),
      functions: this.#functions.snapshot(),
    };
  }
}

interface Measured {
  readonly waitMs: Distribution;
  readonly runMs: Distribution;
  readonly utilization: number;
  readonly functions: readonly FunctionStatistics[];
}
