/**
 * The workers of an executor: how many there are, which are idle, when they come and go. It knows nothing of tasks beyond
 * that a seat holds some.
 *
 * Guarantees: never more than `maxWorkers` that take calls; a killed worker's place is free at once, also while the worker
 * itself hangs in a native call; what was started is ended by the time {@link Crew.dismiss} resolves, or was killed.
 */
import type { Deadlines } from "../core/deadlines.ts";
import type { Loss } from "../core/errors.ts";
import type { CompleteOptions } from "../core/executor-options.ts";
import type { Counters } from "../core/statistics.ts";
import type { Task } from "../core/task.ts";
import type { CrewEvents, CrewParts } from "./crew-events.ts";
import { IdleSeats } from "./idle-seats.ts";
import { KilledStarts } from "./killed-starts.ts";
import { finishLimitMs, Leaving } from "./leaving.ts";
import { Seat } from "./seat.ts";
import { SeatEvents } from "./seat-events.ts";

export class Crew {
  readonly #parts: CrewParts;
  readonly #options: CompleteOptions;
  readonly #told: SeatEvents;
  readonly #deadlines: Deadlines;
  readonly #counters: Counters;
  readonly #events: CrewEvents;
  readonly #seats = new Map<number, Seat>();
  readonly #leaving: Leaving;
  readonly #idle: IdleSeats;
  #starting = 0;
  readonly #killedStarts = new KilledStarts();
  #ids = 0;
  /** For good. */
  #dismissed = false;
  nice: number | undefined;

  constructor(parts: CrewParts, counters: Counters, events: CrewEvents) {
    this.#parts = parts;
    this.#options = parts.options;
    this.#told = new SeatEvents(parts.options.name, parts.driver.kind, parts.clock);
    this.#deadlines = parts.deadlines;
    this.#counters = counters;
    this.#events = events;
    this.#leaving = new Leaving(parts.options.name, parts.clock, parts.deadlines);
    this.#idle = new IdleSeats({
      clock: parts.clock,
      deadlines: parts.deadlines,
      idleTimeoutMs: () => parts.options.idleTimeoutMs,
      mayEnd: () => this.#seats.size > parts.options.minWorkers,
      end: (seat) => this.retire(seat),
    });
  }

  /** Seats that hold a place, and those that are about to go. */
  *all(): Generator<Seat> {
    yield* this.#seats.values();
    yield* this.#leaving;
  }

  /** Workers that have started and can take calls, now or after what they do. */
  get ready(): number {
    return this.#seats.size - this.#starting;
  }

  /** Those that stand and those that are starting. */
  get size(): number {
    return this.#seats.size;
  }

  /** Workers that have calls. */
  get busy(): number {
    return this.#seats.size - this.#starting - this.#idle.size;
  }

  /** How many calls need not wait for another one to end: workers that are idle, are starting, or may start. */
  get free(): number {
    return this.#idle.size + this.#starting + Math.max(0, this.#options.maxWorkers - this.#seats.size);
  }

  /** What workers have, whether settled or not. */
  tasks(): Task<unknown>[] {
    return [...this.all()].flatMap(({ inFlight }) => [...inFlight]);
  }

  get(id: number | undefined): Seat | undefined {
    return id === undefined ? undefined : this.#seats.get(id);
  }

  /** Seats that hold a place. */
  seats(): Iterable<Seat> {
    return this.#seats.values();
  }

  get hasIdle(): boolean {
    return this.#idle.size > 0;
  }

  takeIdle(which?: (seat: Seat) => boolean): Seat | undefined {
    return this.#idle.pop(which);
  }

  /** The seat has nothing in flight: it is free for the next call, or surplus. */
  release(seat: Seat): void {
    if (seat.state.kind !== "busy") return;
    if (this.isSurplus && seat.streams.size === 0) return this.retire(seat);
    this.#idle.push(seat);
  }

  get isSurplus(): boolean {
    return this.#seats.size > this.#options.maxWorkers;
  }

  /** Starts workers for so many waiting calls, as far as there are places, and at least `minWorkers`. */
  grow(waiting: number): void {
    if (this.#dismissed) return;
    const { minWorkers, maxWorkers } = this.#options;
    while (this.#seats.size < maxWorkers && (this.#starting < waiting || this.#seats.size < minWorkers)) {
      if (!this.#parts.mayStart() || !this.#start()) return;
    }
  }

  /** Retires idle workers that are more than `maxWorkers`, and sees to those that `minWorkers` no longer keeps. */
  shrink(): void {
    for (let seat = this.#idle.oldest; seat !== undefined && this.isSurplus; seat = this.#idle.oldest) {
      this.retire(seat);
    }
    this.#idle.watch();
  }

  /** Ends a worker now. False when it cannot be ended from outside. Its place is free; its calls are the dispatcher's to settle or send again. */
  kill(seat: Seat, because: string): boolean {
    if (seat.state.kind === "stuck" || seat.link?.kill() !== true) return false;
    seat.loss = { exitCode: null, signal: null, oom: false, because };
    this.#leave(seat);
    seat.stick();
    this.#leaving.add(seat);
    this.#told.killed(seat, because);
    this.#events.killed(seat);
    return true;
  }

  /** Ends all workers: idle ones after their finalizer, others at once. Resolves when they are gone. */
  async dismiss(because: string): Promise<void> {
    this.#dismissed = true;
    for (const seat of this.#seats.values()) {
      if (seat.state.kind === "idle") this.retire(seat);
      else this.kill(seat, because);
    }
    await this.#leaving.allGone();
  }

  #start(): boolean {
    const id = ++this.#ids;
    const { startTimeoutMs } = this.#options;
    const limit = this.#deadlines.after(startTimeoutMs, () =>
      this.#startFailed(seat, new Error(`it had not started after ${startTimeoutMs} ms, its startTimeoutMs`)),
    );
    const seat = new Seat(id, this.#parts.clock, { kind: "starting", limit });
    this.#seats.set(id, seat);
    this.#starting++;
    this.#told.starting(seat);
    try {
      seat.link = this.#parts.driver.start(id, {
        ready: (nice) => this.#ready(seat, nice),
        startFailed: (cause) => this.#startFailed(seat, cause),
        results: (results) => this.#events.results(seat, results),
        unreadable: (message) =>
          seat.state.kind === "starting"
            ? this.#startFailed(seat, message.cause)
            : this.#events.unreadable(seat, message),
        task: (taskId) => seat.inFlight.find(taskId),
        hasCalls: () => seat.inFlight.size > 0,
        gone: (loss) => this.#gone(seat, loss),
      });
      return true;
    } catch (cause) {
      this.#startFailed(seat, cause);
      return false;
    }
  }

  #ready(seat: Seat, nice: number | undefined): void {
    if (seat.state.kind !== "starting") return;
    this.#starting--;
    this.#counters.workersStarted++;
    this.#killedStarts.oneStarted();
    this.nice = nice;
    seat.enter({ kind: "busy" });
    this.#told.started(seat, nice);
    this.#events.started(seat);
  }

  #startFailed(seat: Seat, cause: unknown): void {
    if (seat.state.kind !== "starting") return;
    this.#leave(seat);
    seat.stick();
    this.#told.startFailed(seat, cause);
    if (seat.link?.kill() === true) this.#leaving.add(seat);
    this.#events.startFailed(cause);
  }

  /** Ends it after its finalizer. Its place is free. */
  retire(seat: Seat): void {
    const limit = this.#deadlines.after(finishLimitMs(this.#options), () => this.#overdue(seat));
    this.#leave(seat);
    seat.enter({ kind: "retiring", limit });
    this.#leaving.add(seat);
    seat.link!.finish();
  }

  /** Its finalizer does not end. Where it cannot be ended either, nobody waits for it. */
  #overdue(seat: Seat): void {
    this.kill(seat, "its finalizer did not end");
    if (seat.state.kind === "retiring") this.#leaving.delete(seat);
    seat.stick();
  }

  #gone(seat: Seat, loss: Loss): void {
    const isStarting = seat.state.kind === "starting";
    const how = this.#seats.has(seat.id) ? "lost" : "ended";
    if (!isStarting) this.#told.gone(seat, how, loss);
    if (isStarting && !this.#dismissed && this.#killedStarts.mayStartAgain(loss)) {
      this.#leave(seat);
      this.#counters.workersLost++;
      this.#start();
    } else if (isStarting) {
      const end = loss.signal ?? `exit code ${loss.exitCode}`;
      this.#startFailed(seat, loss.cause ?? new Error(`it ended while starting, with ${end}`));
    } else if (this.#seats.has(seat.id)) {
      this.#leave(seat);
      seat.stick();
      this.#counters.workersLost++;
      this.#events.lost(seat, loss);
    }
    this.#events.gone(seat);
    // Whatever it was told before, it has gone: its deadline goes too.
    seat.stick();
    this.#leaving.delete(seat);
    if (isStarting) this.#told.gone(seat, how, loss);
  }

  /** Gives up the seat's place. */
  #leave(seat: Seat): void {
    if (!this.#seats.delete(seat.id)) return;
    if (seat.state.kind === "starting") this.#starting--;
    this.#idle.remove(seat);
  }
}
