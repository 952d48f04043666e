/**
 * Which worker has which call: sends calls, takes answers, and sees to calls whose worker must end or has died.
 *
 * Guarantee: a call that was given here settles, through an answer, {@link Assignment.end}, or its worker's death.
 */
import type { Clock } from "../core/clock.ts";
import type { Deadlines } from "../core/deadlines.ts";
import type { Loss } from "../core/errors.ts";
import type { CompleteOptions } from "../core/executor-options.ts";
import { frozenNow } from "../core/function-handle.ts";
import { Queue } from "../core/queue.ts";
import { requeue, type Task } from "../core/task.ts";
import { RESULT_STRIDE, ResultKind } from "../wire/messages.ts";
import { Crew } from "./crew.ts";
import { Ledger } from "./ledger.ts";
import { canRunAgain, hasMoved, lostError, sendError, unreadableError, warnOfIdleDeath } from "./loss.ts";
import { type ReadContext, readLoadFailure, readResult } from "./read-result.ts";
import { sendAnotherWay } from "./resent.ts";
import type { Seat } from "./seat.ts";
import type { TravelHelp } from "./travel-help.ts";
import type { WorkerDriver } from "./worker-link.ts";

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
  readonly #parts: AssignmentParts;
  readonly #events: AssignmentEvents;

  constructor(parts: AssignmentParts, events: AssignmentEvents) {
    this.#parts = parts;
    this.#events = events;
    this.ledger = new Ledger(parts.clock);
    this.crew = new Crew(parts, this.ledger.counters, {
      results: (seat, results) => this.#results(seat, results),
      unreadable: (seat, direction, cause) => this.#unreadable(seat, direction, cause),
      lost: (seat, loss) => this.#lost(seat, loss),
      startFailed: (cause) => events.startFailed(cause),
      started: (seat) => {
        events.started();
        this.#next(seat);
        events.settled();
      },
    });
  }

  /** Work that has not settled. Workers may still be busy with work that has. */
  get hasWork(): boolean {
    return this.queue.size > 0 || this.ledger.running > 0;
  }

  /** To a free worker now, or to the queue. `mayStart`: how many workers may be starting for what waits. */
  offer(task: Task<unknown>, mayStart: number): void {
    const seat = this.queue.size === 0 ? this.crew.takeIdle() : undefined;
    if (seat === undefined) {
      if (task.handle.once) task.handle = frozenNow(task.handle);
      task.ticket = this.queue.push(task);
      this.crew.grow(Math.min(mayStart, this.queue.size));
    } else if (!this.#send(seat, task)) {
      this.#next(seat);
    }
  }

  /** False when it could not leave; then it is settled. */
  #send(seat: Seat, task: Task<unknown>): boolean {
    try {
      seat.link!.send([task]);
    } catch (refusal) {
      this.ledger.settle(task, "rejected", sendError(task, refusal));
      this.#events.settled();
      return false;
    }
    task.sends++;
    seat.inFlight.set(task.id, task);
    this.ledger.start(task, seat);
    task.watch?.started();
    return true;
  }

  /** The next call for a seat that has none. Without one the seat is free. */
  #next(seat: Seat): void {
    while (!this.crew.isSurplus) {
      const task = this.queue.shift();
      if (task === undefined) break;
      if (this.#send(seat, task)) return;
    }
    this.crew.release(seat);
  }

  /** Nobody waits beside a free worker. */
  #employIdle(): void {
    while (this.queue.size > 0) {
      const seat = this.crew.takeIdle();
      if (seat === undefined) return;
      this.#next(seat);
    }
  }

  #results(seat: Seat, results: readonly unknown[]): void {
    for (let at = 0; at < results.length; at += RESULT_STRIDE) {
      const [taskId, kind, value, runMs] = results.slice(at, at + RESULT_STRIDE) as [
        number,
        ResultKind,
        unknown,
        number,
      ];
      const task = seat.inFlight.get(taskId);
      if (task === undefined) continue;
      seat.inFlight.delete(taskId);
      const { travel, options } = this.#parts;
      const context: ReadContext = { where: `offloop (worker ${seat.id} of ${options.name})`, travel };
      if (kind === ResultKind.notLoaded && this.#sendAgain(task, value, context)) continue;
      this.ledger.ran(task, seat, runMs);
      if (task.state !== "running") continue;
      const answer = readResult(task, kind, value, context);
      this.ledger.settle(task, answer.state, answer.value, runMs);
    }
    this.#answered(seat);
  }

  /** The function never ran, so another way of sending it is no second run. */
  #sendAgain(task: Task<unknown>, value: unknown, context: ReadContext): boolean {
    if (task.state !== "running" || hasMoved(task) || !sendAnotherWay(task)) return false;
    try {
      task.handle = context.travel.resendAs(task, readLoadFailure(task, value, context));
    } catch (refusal) {
      this.ledger.settle(task, "rejected", refusal);
      return true;
    }
    requeue(task);
    this.#requeue(task);
    return true;
  }

  /** To the front: it was its turn before. */
  #requeue(task: Task<unknown>): void {
    this.ledger.requeued();
    task.watch?.waiting();
    task.ticket = this.queue.unshift(task);
  }

  #unreadable(seat: Seat, direction: "argument" | "result", cause: unknown): void {
    for (const task of seat.inFlight.values()) {
      this.ledger.settle(task, "rejected", unreadableError(task, direction, cause));
    }
    seat.inFlight.clear();
    this.#answered(seat);
  }

  #answered(seat: Seat): void {
    if (seat.inFlight.size === 0 && seat.state.kind === "busy") {
      seat.enter({ kind: "busy", grace: undefined });
      this.#next(seat);
    }
    this.#events.settled();
  }

  /** Settles a task whatever it is doing, then sees to the worker that may still be doing it. */
  end(task: Task<unknown>, state: "rejected" | "cancelled", reason: unknown): boolean {
    const seat = task.state === "running" ? this.crew.get(task.workerId) : undefined;
    if (task.state === "pending") this.queue.remove(task.ticket, task);
    if (!this.ledger.settle(task, state, reason)) return false;
    if (seat !== undefined) this.#stop(seat, task, reason);
    this.#events.settled();
    return true;
  }

  /**
   * 1. What has arrived is read first: a worker that is done must not be killed.
   * 2. The task is asked to end, through its signal and a shared word.
   * 3. One that looked at either has the grace to do so. Any other cannot know, and is ended at once.
   */
  #stop(seat: Seat, task: Task<unknown>, reason: unknown): void {
    const { link } = seat;
    link?.drain();
    if (link === undefined || !seat.inFlight.has(task.id) || link.words.hasSent(task.id)) return;
    link.stop(task.id, reason);
    if (task.options.onCancel === "abandon" || seat.state.kind !== "busy") return;
    const graceMs = task.options.cancelGraceMs ?? this.#parts.options.cancelGraceMs;
    if (!link.words.hasLooked(task.id)) return void this.crew.kill(seat);
    seat.state.grace = this.#parts.deadlines.after(graceMs, () => this.crew.kill(seat));
  }

  #lost(seat: Seat, loss: Loss): void {
    if (seat.inFlight.size === 0 && loss.cause !== undefined) {
      warnOfIdleDeath(seat, loss, this.#parts.options.name);
    }
    const hasWorked = seat.tasks > 0 || seat.inFlight.size > 0;
    const again: Task<unknown>[] = [];
    for (const task of seat.inFlight.values()) {
      if (canRunAgain(task, seat) && requeue(task)) {
        again.push(task);
      } else if (task.state === "running") {
        this.ledger.lost(task);
        this.ledger.settle(task, "rejected", lostError(task, seat, loss));
      }
    }
    seat.inFlight.clear();
    for (const task of again.reverse()) this.#requeue(task);
    this.#employIdle();
    if (this.queue.size > 0 || (hasWorked && this.#events.isOpen())) {
      this.crew.grow(this.queue.size);
    } else if (this.#events.isOpen()) {
      // One of `minWorkers` is not replaced when it died before it did anything: another would die as well, and so on.
      this.#events.notReplaced(loss.cause ?? new Error("a worker ended before it had a call"));
    }
    this.#events.settled();
  }
}
