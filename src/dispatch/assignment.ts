/**
 * Which worker has which call: gives calls to workers, takes answers, and sees to the calls of workers that died.
 *
 * Guarantee: a call that was given here settles, through an answer, {@link Ending}, or its worker's death.
 */
import type { Loss } from "../core/errors.ts";
import { frozenNow } from "../core/function-handle.ts";
import type { Task } from "../core/task.ts";
import type { Results } from "../wire/messages.ts";
import { Answers } from "./answers.ts";
import type { AssignmentEvents, AssignmentParts } from "./assignment-events.ts";
import { CallQueue } from "./call-queue.ts";
import { Crew } from "./crew.ts";
import { Employment } from "./employment.ts";
import { Ending } from "./ending.ts";
import { Gathered } from "./gathered.ts";
import { Ledger } from "./ledger.ts";
import { warnOfIdleDeath } from "./loss.ts";
import { Losses } from "./losses.ts";
import { Paces } from "./pace.ts";
import { Recycling } from "./recycling.ts";
import { Retrying } from "./retrying.ts";
import type { Seat } from "./seat.ts";
import { Sending } from "./sending.ts";
import { TakingBack } from "./taking-back.ts";
import type { Unreadable } from "./worker-link.ts";

export class Assignment {
  readonly queue: CallQueue;
  readonly ledger: Ledger;
  readonly crew: Crew;
  readonly ending: Ending;
  readonly retrying: Retrying;
  readonly #sending: Sending;
  readonly #takingBack: TakingBack;
  readonly #answers: Answers;
  readonly #losses: Losses;
  readonly #employment: Employment;
  readonly #name: string;
  readonly #events: AssignmentEvents;

  constructor(parts: AssignmentParts, events: AssignmentEvents) {
    const { clock, random, deadlines, options, driver } = parts;
    this.#name = options.name;
    this.#events = events;
    this.queue = new CallQueue(() => options.maxWorkers);
    const recycling = new Recycling(options, clock);
    this.ledger = new Ledger(options.name, clock);
    this.crew = new Crew(parts, this.ledger.counters, {
      results: (seat, results) => this.#results(seat, results),
      unreadable: (seat, message) => this.#unreadable(seat, message),
      lost: (seat, loss) => this.#lost(seat, loss),
      killed: (seat) => this.#killed(seat),
      gone: (seat) => this.#losses.gone(seat),
      startFailed: (cause) => events.startFailed(cause),
      started: (seat) => {
        events.started();
        this.#employment.next(seat);
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
      recycling,
      now: () => clock.now(),
      refused: () => events.settled(),
    });
    this.#employment = new Employment({
      queue,
      crew,
      ledger,
      recycling,
      sending: this.#sending,
      takingBack: () => this.#takingBack,
      isOpen: () => events.isOpen(),
    });
    const employ = (seat: Seat): void => this.#employment.employ(seat);
    const toEmploy = new Gathered(employ);
    const collect = (seat: Seat): void => {
      this.#answers.collect(seat);
      events.settled();
    };
    this.#takingBack = new TakingBack({ queue, crew, ledger, deadlines, collect, employ });
    this.retrying = new Retrying({
      queue,
      ledger,
      deadlines,
      random,
      refusal: () => events.broken(),
      employSoon: () =>
        queueMicrotask(() => {
          this.#employment.employIdle();
          this.crew.grow(queue.wanted);
        }),
      settled: () => events.settled(),
    });
    this.ending = new Ending({
      retrying: this.retrying,
      canKill: driver.kind !== "inline",
      queue,
      crew,
      ledger,
      deadlines,
      options,
      takingBack: this.#takingBack,
      employSoon: (seat) => toEmploy.add(seat),
      settled: () => events.settled(),
    });
    const requeue = (task: Task<unknown>): void => this.#requeue(task);
    this.#losses = new Losses({
      ledger,
      deadlines,
      retrying: this.retrying,
      collect,
      takePinned: (seat) => queue.pinned.takeAll(seat),
      requeue,
      settled: () => events.settled(),
    });
    this.#answers = new Answers({
      ...parts,
      ledger,
      paces,
      requeue,
      retrying: this.retrying,
      sending: this.#sending,
      takingBack: this.#takingBack,
    });
  }

  /** Work that has not settled. Workers may still be busy with work that has. */
  get hasWork(): boolean {
    return this.hasTasks || this.ledger.streams.size > 0;
  }

  /** Work that goes on without anybody reading: a stream that rests does not. */
  get hasTasks(): boolean {
    return this.queue.size + this.ledger.inHand + this.retrying.size > 0;
  }

  /** To a free worker now, or to the queue. `mayStart`: how many workers may be starting for what waits. */
  offer(task: Task<unknown>, mayStart: number): void {
    const isKeyed = task.options.key !== undefined;
    const seat = isKeyed || this.queue.common > 0 ? undefined : this.#employment.takeIdle();
    const leavesLater = seat === undefined || task.options.retry !== undefined;
    if (task.handle.once && leavesLater) task.handle = frozenNow(task.handle);
    if (seat === undefined) {
      task.ticket = this.queue.push(task);
      if (isKeyed) this.#employment.employIdle();
      this.crew.grow(Math.min(mayStart, this.queue.wanted));
    } else if (!this.#sending.send(seat, task)) {
      this.#employment.next(seat);
    }
  }

  /** That worker's, when it has nothing else. */
  pin(task: Task<unknown>, seat: Seat): void {
    if (task.handle.once) task.handle = frozenNow(task.handle);
    this.queue.pinned.add(task, seat);
    this.#employment.employIdle();
  }

  /** Workers that can be idle may have been waited for by nobody. */
  employIdle(): void {
    this.#employment.employIdle();
  }

  /** `maxWorkers` is another one. */
  resized(): void {
    this.queue.resize(this.crew.seats());
    this.crew.grow(this.queue.wanted);
    this.crew.shrink();
    this.#employment.employIdle();
  }

  /** Tasks that nobody has begun. What could be taken back is in the queue from now on. */
  waiting(): Task<unknown>[] {
    for (const seat of this.crew.seats()) {
      if (seat.waiting > 0) void this.#takingBack.from(seat);
      if (seat.inFlight.size === 0) this.crew.release(seat);
    }
    const elsewhere = this.crew.tasks().filter(({ state }) => state === "pending");
    return [...elsewhere, ...this.queue.toArray(), ...this.retrying.tasks()];
  }

  #results(seat: Seat, results: Results): void {
    this.#answers.read(seat, results);
    this.#answered(seat);
  }

  /** To the front: it was its turn before. */
  #requeue(task: Task<unknown>): void {
    this.ledger.requeued(task);
    task.watch?.waiting();
    task.ticket = this.queue.unshift(task);
  }

  #unreadable(seat: Seat, message: Unreadable): void {
    this.#answers.unreadable(seat, message);
    this.#answered(seat);
    this.#employment.employIdle();
  }

  #answered(seat: Seat): void {
    if (seat.state.kind === "busy") {
      if (seat.inFlight.size === 0) {
        seat.enter({ kind: "busy" });
        this.#employment.next(seat);
      } else if (this.queue.size > 0 && !this.crew.isSurplus) {
        this.#sending.refill(seat);
        this.#takingBack.watch(seat);
      }
      if (this.queue.hasKeys) this.#employment.employIdle();
    }
    this.#events.settled();
  }

  #lost(seat: Seat, loss: Loss): void {
    if (loss.cause !== undefined) warnOfIdleDeath(seat, loss, this.#name);
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
    this.#employment.employIdle();
    if (this.queue.size > 0 || (hasWorked && this.#events.isOpen())) {
      this.crew.grow(this.queue.wanted);
    } else if (this.#events.isOpen()) {
      // One of `minWorkers` is not replaced when it died before it did anything: another would die as well, and so on.
      this.#events.notReplaced(cause ?? new Error("a worker ended before it had a call"));
    }
    this.#events.settled();
  }
}
