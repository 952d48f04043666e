/**
 * Tasks that are ended from outside: cancelled, aborted, timed out, shut down. The task settles at once; what its worker does is
 * dealt with after that.
 */
import type { Deadlines } from "../core/deadlines.ts";
import { TaskTimeoutError } from "../core/errors.ts";
import type { CompleteOptions } from "../core/executor-options.ts";
import type { Queue } from "../core/queue.ts";
import { isOpen, placeOf, type Task } from "../core/task.ts";
import type { Crew } from "./crew.ts";
import type { Ledger } from "./ledger.ts";
import type { Retrying } from "./retrying.ts";
import type { Seat } from "./seat.ts";
import type { TakingBack } from "./taking-back.ts";

export interface EndingParts {
  readonly queue: Queue<Task<unknown>>;
  readonly crew: Crew;
  readonly ledger: Ledger;
  readonly deadlines: Deadlines;
  readonly options: CompleteOptions;
  readonly takingBack: TakingBack;
  readonly retrying: Retrying;
  /** Whether workers can be ended. */
  readonly canKill: boolean;
  /** What waits is given to idle workers, and to this one if it has nothing left: later. */
  readonly employSoon: (seat: Seat) => void;
}

export class Ending {
  readonly #parts: EndingParts;

  constructor(parts: EndingParts) {
    this.#parts = parts;
  }

  /** False when it was settled before. */
  end(task: Task<unknown>, state: "rejected" | "cancelled", reason: unknown): boolean {
    const { ledger, queue } = this.#parts;
    const seat = this.seatOf(task);
    if (seat === undefined) {
      queue.remove(task.ticket, task);
      this.#parts.retrying.forget(task);
    }
    if (seat?.hasBegun(task) === true) ledger.began(task, seat.startedAt(task));
    if (!ledger.settle(task, state, reason)) return false;
    if (seat !== undefined) this.#stop(seat, task, reason);
    return true;
  }

  timeOut(task: Task<unknown>, timeoutMs: number, phase: "queued" | "running"): void {
    const error = new TaskTimeoutError(task.name, timeoutMs, phase);
    if (this.end(task, "rejected", error)) this.#parts.ledger.counters.timedOut++;
  }

  /** True: it is in time so far, and gets its time anew. Not if it did before. */
  ranTooLong(task: Task<unknown>, timeoutMs: number, isLast: boolean): boolean {
    const seat = this.seatOf(task);
    seat?.link!.drain();
    if (seat === undefined || this.seatOf(task) !== seat) return false;
    // Its answer is on the way, or the call has not begun: main itself may have been blocked, which is not the task's fault.
    // If that is still so the next time, the worker will never tell or begin: it is given up, and the call with it or not.
    const isWithoutFault = seat.inFlight.progress(task, seat.link!.words) !== "running";
    if (isWithoutFault && !isLast) return true;
    if (isWithoutFault && this.#parts.crew.kill(seat)) return false;
    if (!this.#runsAgain(seat, task, timeoutMs)) this.timeOut(task, timeoutMs, "running");
    return false;
  }

  /** Its run is ended at once: two runs of it must not meet. */
  #runsAgain(seat: Seat, task: Task<unknown>, timeoutMs: number): boolean {
    const { canKill, crew, retrying } = this.#parts;
    const error = new TaskTimeoutError(task.name, timeoutMs, "running");
    if (!canKill || !retrying.takes(task, "timeout", error)) return false;
    void seat.inFlight.takeRange(task.ticket, (task.ticket + 1) | 0);
    crew.kill(seat);
    return true;
  }

  /** The worker that it was handed to, while it has not settled. */
  seatOf(task: Task<unknown>): Seat | undefined {
    return isOpen(task) ? this.#parts.crew.get(placeOf(task)?.id) : undefined;
  }

  /**
   * 1. What is not begun is taken back: nobody else waits behind a task that is to end, and if it was not begun itself, that is all.
   * 2. What has arrived is read: a worker that is done must not be killed.
   * 3. The task is asked to end, through its signal and a shared word.
   * 4. One that looked at either has the grace to do so. Any other cannot know, and is ended at once.
   *
   * Nothing is sent from in here. Whoever ends a task may be about to end a thousand, and they must not begin meanwhile.
   */
  #stop(seat: Seat, task: Task<unknown>, reason: unknown): void {
    const { inFlight, link } = seat;
    if (this.#hasEnded(seat, task)) return;
    const isTaken = this.#parts.takingBack.from(seat) !== undefined;
    this.#parts.employSoon(seat);
    if (!inFlight.has(task)) return;
    // A child process learns of it in time or not. The first of its calls may be one that nobody knows, so it is ended for that.
    const waits = inFlight.progress(task, link!.words) === "waiting" && inFlight.first !== task;
    if (waits && !isTaken) return this.#drop(seat, task);
    link!.drain();
    if (inFlight.has(task) && !this.#hasEnded(seat, task)) this.#stopRunning(seat, task, reason);
  }

  #hasEnded(seat: Seat, task: Task<unknown>): boolean {
    const progress = seat.inFlight.progress(task, seat.link!.words);
    return progress === "ended" || progress === "sent";
  }

  #drop(seat: Seat, task: Task<unknown>): void {
    const { crew, deadlines } = this.#parts;
    seat.link!.words.drop(task.ticket);
    deadlines.after(this.#graceMs(task), () => {
      const isInFlight = seat.state.kind === "busy" && seat.inFlight.has(task);
      if (isInFlight && seat.inFlight.progress(task, seat.link!.words) === "running") crew.kill(seat);
    });
  }

  #stopRunning(seat: Seat, task: Task<unknown>, reason: unknown): void {
    const { crew, deadlines } = this.#parts;
    const { link, state } = seat;
    link!.stop(task.id, reason);
    if (state.kind !== "busy") return;
    state.ending = task;
    if (task.options.onCancel === "abandon") return;
    if (!link!.words.hasLooked(task.id)) return void crew.kill(seat);
    state.grace = deadlines.after(this.#graceMs(task), () => crew.kill(seat));
  }

  #graceMs(task: Task<unknown>): number {
    return task.options.cancelGraceMs ?? this.#parts.options.cancelGraceMs;
  }
}
