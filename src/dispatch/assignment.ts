/**
 * Which worker has which call: gives calls to workers, takes answers, and sees to the calls of workers that died.
 *
 * Guarantee: a call that was given here settles, through an answer, {@link Ending}, or its worker's death.
 */
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
import { Losses } from "./losses.ts";
import { Paces } from "./pace.ts";
import { Recycling } from "./recycling.ts";
import { Replacing } from "./replacing.ts";
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
  readonly #replacing: Replacing;
  readonly #employment: Employment;
  readonly #events: AssignmentEvents;

  constructor(parts: AssignmentParts, events: AssignmentEvents) {
    const { clock, random, deadlines, options, driver } = parts;
    this.#events = events;
    this.queue = new CallQueue(() => options.maxWorkers);
    const recycling = new Recycling(options, clock);
    this.ledger = new Ledger(options.name, clock);
    this.#replacing = new Replacing({
      deadlines,
      random,
      executor: options.name,
      crew: () => this.crew,
      queue: this.queue,
      losses: () => this.#losses,
      employment: () => this.#employment,
      events,
    });
    const mayStart = (): boolean => this.#replacing.crashes.mayStart();
    this.crew = new Crew({ ...parts, mayStart }, this.ledger.counters, {
      results: (seat, results) => this.#results(seat, results),
      unreadable: (seat, message) => this.#unreadable(seat, message),
      lost: (seat, loss) => this.#replacing.lost(seat, loss),
      killed: (seat) => this.#replacing.killed(seat),
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
    this.#replacing.crashes.ended();
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
}
