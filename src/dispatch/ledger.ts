/**
 * Who has settled and how often what happened: the counters and distributions of one executor. The sum rule holds at any
 * time: submitted = pending + running + fulfilled + rejected + cancelled.
 */
import type { Clock } from "../core/clock.ts";
import { type Distribution, Durations } from "../core/distribution.ts";
import { Counters, FunctionTable, type FunctionStatistics } from "../core/statistics.ts";
import { settle, start, type Task } from "../core/task.ts";
import { ActiveTime } from "../core/utilization.ts";
import type { Seat } from "./seat.ts";

export class Ledger {
  readonly counters = new Counters();
  readonly #clock: Clock;
  readonly #functions = new FunctionTable();
  readonly #waitMs = new Durations();
  readonly #runMs = new Durations();
  readonly #active: ActiveTime;
  running = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#active = new ActiveTime(clock.now());
  }

  start(task: Task<unknown>, seat: Seat): void {
    const now = this.#clock.now();
    if (!start(task, seat.id, now)) return;
    this.running++;
    this.#waitMs.record(now - task.submittedAt);
  }

  /** False when the task was settled before. */
  settle(
    task: Task<unknown>,
    state: "fulfilled" | "rejected" | "cancelled",
    value: unknown,
    runMs?: number,
  ): boolean {
    const wasRunning = task.state === "running";
    if (!settle(task, state, value, runMs)) return false;
    if (wasRunning) this.running--;
    this.counters[state]++;
    return true;
  }

  /** A worker answered, for a task that may have been settled before. */
  ran(task: Task<unknown>, seat: Seat, runMs: number): void {
    seat.tasks++;
    seat.activeMs += runMs;
    this.#runMs.record(runMs);
    this.#functions.ran(task.name, runMs);
    this.#active.add(runMs, this.#clock.now());
  }

  counted(): Readonly<Record<keyof Counters, number>> {
    return Object.assign({}, this.counters);
  }

  requeued(): void {
    this.running--;
    this.counters.requeued++;
  }

  lost(task: Task<unknown>): void {
    this.counters.lost++;
    this.#functions.lost(task.name);
  }

  snapshot(seats: Iterable<Seat>, maxWorkers: number): Measured {
    const now = this.#clock.now();
    const runningSince = [...seats]
      .flatMap(({ inFlight }) => [...inFlight.values()])
      .map(({ timing }) => (timing.startedAt ?? now) - this.#clock.timeOrigin);
    return {
      waitMs: this.#waitMs.snapshot(),
      runMs: this.#runMs.snapshot(),
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
