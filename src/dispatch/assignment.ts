/**
 * Which worker has which call: gives calls to workers, takes answers, and sees to the calls of workers that died.
 *
 * Guarantee: a call that was given here settles, through an answer, {@link Ending}, or its worker's death.
 */
import type { Clock } from "../core/clock.ts";
import type { Deadlines } from "../core/deadlines.ts";
import type { Loss } from "../core/errors.ts";
import type { CompleteOptions } from "../core/executor-options.ts";
import { frozenNow } from "../core/function-handle.ts";
import { Queue } from "../core/queue.ts";
import type { Task } from "../core/task.ts";
import type { Results } from "../wire/messages.ts";
import { Answers } from "./answers.ts";
import { Crew } from "./crew.ts";
import { Ending } from "./ending.ts";
import { Ledger } from "./ledger.ts";
import { warnOfIdleDeath } from "./loss.ts";
import { Losses } from "./losses.ts";
import { Paces } from "./pace.ts";
import type { Seat } from "./seat.ts";
import { Sending } from "./sending.ts";
import { TakingBack } from "./taking-back.ts";
import type { TravelHelp } from "./travel-help.ts";
import type { Unreadable, WorkerDriver } from "./worker-link.ts";

export interface AssignmentParts {
  readonly driver: WorkerDriver;
  readonly options: CompleteOptions;
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly travel: TravelHelp;
}

export interface AssignmentEvents {
  /** Something settled or was given up: it may be the last. */
  settled(): void;
  started(): void;
  /** Whether new workers may come that no waiting call needs. */
  isOpen(): boolean;
  startFailed(cause: unknown): void;
  /** A worker ended before it did anything, and no other is started for it. */
  notReplaced(cause: unknown): void;
}

export class Assignment {
  readonly queue = new Queue<Task<unknown>>((task, ticket) => (task.ticket = ticket));
  readonly ledger: Ledger;
  readonly crew: Crew;
  readonly ending: Ending;
  readonly #sending: Sending;
  readonly #takingBack: TakingBack;
  readonly #answers: Answers;
  readonly #losses: Losses;
  readonly #toEmploy = new Set<Seat>();
  readonly #options: CompleteOptions;
  readonly #events: AssignmentEvents;

  constructor(parts: AssignmentParts, events: AssignmentEvents) {
    const { clock, deadlines, options, driver } = parts;
    this.#options = options;
    this.#events = events;
    this.ledger = new Ledger(clock);
    this.crew = new Crew(parts, this.ledger.counters, {
      results: (seat, results) => this.#results(seat, results),
      unreadable: (seat, message) => this.#unreadable(seat, message),
      lost: (seat, loss) => this.#lost(seat, loss),
      killed: (seat) => this.#killed(seat),
      gone: (seat) => this.#losses.gone(seat),
      startFailed: (cause) => events.startFailed(cause),
      started: (seat) => {
        events.started();
        this.#next(seat);
        events.settled();
      },
    });
    const { queue, crew, ledger } = this;
    const paces = new Paces();
    this.#sending = new Sending({
      queue,
      crew,
      ledger,
      paces,
      mostInFlight: driver.mostInFlight,
      now: () => clock.now(),
      refused: () => events.settled(),
    });
    const employ = (seat: Seat): void => this.#employ(seat);
    const collect = (seat: Seat): void => {
      this.#answers.collect(seat);
      events.settled();
    };
    this.#takingBack = new TakingBack({ queue, crew, ledger, deadlines, collect, employ });
    this.ending = new Ending({
      queue,
      crew,
      ledger,
      deadlines,
      options,
      takingBack: this.#takingBack,
      employSoon: (seat) => this.#employSoon(seat),
      settled: () => events.settled(),
    });
    const requeue = (task: Task<unknown>): void => this.#requeue(task);
    this.#losses = new Losses({ ledger, deadlines, collect, requeue, settled: () => events.settled() });
    this.#answers = new Answers({
      ...parts,
      ledger,
      paces,
      requeue,
      sending: this.#sending,
      takingBack: this.#takingBack,
    });
  }

  /** Work that has not settled. Workers may still be busy with work that has. */
  get hasWork(): boolean {
    return this.queue.size > 0 || this.ledger.inHand > 0;
  }

  /** To a free worker now, or to the queue. `mayStart`: how many workers may be starting for what waits. */
  offer(task: Task<unknown>, mayStart: number): void {
    const seat = this.queue.size === 0 ? this.crew.takeIdle() : undefined;
    if (seat === undefined) {
      if (task.handle.once) task.handle = frozenNow(task.handle);
      task.ticket = this.queue.push(task);
      this.crew.grow(Math.min(mayStart, this.queue.size));
    } else if (!this.#sending.send(seat, task)) {
      this.#next(seat);
    }
  }

  /** Tasks that nobody has begun. What could be taken back is in the queue from now on. */
  waiting(): Task<unknown>[] {
    for (const seat of this.crew.seats()) {
      if (seat.waiting > 0) void this.#takingBack.from(seat);
      if (seat.inFlight.size === 0) this.crew.release(seat);
    }
    const elsewhere = this.crew.tasks().filter(({ state }) => state === "pending");
    return [...elsewhere, ...this.queue.toArray()];
  }

  /** The next calls for a seat that has none. Without one the seat is free. */
  #next(seat: Seat): void {
    while (!this.crew.isSurplus && this.queue.size > 0) {
      if (this.#sending.fill(seat)) return this.#takingBack.watch(seat);
    }
    this.crew.release(seat);
    this.#takingBack.forIdle();
  }

  #employSoon(seat: Seat): void {
    if (this.#toEmploy.size === 0) {
      queueMicrotask(() => {
        const seats = [...this.#toEmploy];
        this.#toEmploy.clear();
        for (const one of seats) this.#employ(one);
      });
    }
    this.#toEmploy.add(seat);
  }

  /** Nobody waits beside a free worker, or beside this one if it has nothing left. */
  #employ(seat: Seat): void {
    this.#employIdle();
    if (seat.state.kind === "busy" && seat.inFlight.size === 0) this.#next(seat);
  }

  #employIdle(): void {
    while (this.queue.size > 0) {
      const seat = this.crew.takeIdle();
      if (seat === undefined) return;
      this.#next(seat);
    }
  }

  #results(seat: Seat, results: Results): void {
    this.#answers.read(seat, results);
    this.#answered(seat);
  }

  /** To the front: it was its turn before. */
  #requeue(task: Task<unknown>): void {
    this.ledger.requeue(task);
    this.ledger.counters.requeued++;
    task.watch?.waiting();
    task.ticket = this.queue.unshift(task);
  }

  #unreadable(seat: Seat, message: Unreadable): void {
    this.#answers.unreadable(seat, message);
    this.#answered(seat);
    this.#employIdle();
  }

  #answered(seat: Seat): void {
    if (seat.state.kind === "busy") {
      if (seat.inFlight.size === 0) {
        seat.enter({ kind: "busy" });
        this.#next(seat);
      } else if (this.queue.size > 0 && !this.crew.isSurplus) {
        this.#sending.refill(seat);
        this.#takingBack.watch(seat);
      }
    }
    this.#events.settled();
  }

  #lost(seat: Seat, loss: Loss): void {
    if (seat.inFlight.size === 0 && loss.cause !== undefined) {
      warnOfIdleDeath(seat, loss, this.#options.name);
    }
    const hasWorked = seat.tasks > 0 || seat.inFlight.size > 0;
    this.#losses.lost(seat, loss);
    this.#replace(hasWorked, loss.cause);
  }

  #killed(seat: Seat): void {
    const hasWorked = seat.tasks > 0 || seat.inFlight.size > 0;
    this.#losses.killed(seat);
    this.#replace(hasWorked, undefined);
  }

  #replace(hasWorked: boolean, cause: unknown): void {
    this.#employIdle();
    if (this.queue.size > 0 || (hasWorked && this.#events.isOpen())) {
      this.crew.grow(this.queue.size);
    } else if (this.#events.isOpen()) {
      // One of `minWorkers` is not replaced when it died before it did anything: another would die as well, and so on.
      this.#events.notReplaced(cause ?? new Error("a worker ended before it had a call"));
    }
    this.#events.settled();
  }
}
