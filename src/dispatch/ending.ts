/**
 * Tasks that are ended from outside: cancelled, aborted, timed out, shut down. The task settles at once; what its worker does is
 * dealt with after that.
 */
import type { Deadlines } from "../core/deadlines.ts";
import { type StackFrame, TaskTimeoutError } from "../core/errors.ts";
import type { CompleteOptions } from "../core/executor-options.ts";
import { streamOf } from "../core/stream-turns.ts";
import { isOpen, placeOf, type Task } from "../core/task.ts";
import type { CallQueue } from "./call-queue.ts";
import type { Crew } from "./crew.ts";
import type { Ledger } from "./ledger.ts";
import { isLeaving } from "./open-stream.ts";
import type { Retrying } from "./retrying.ts";
import type { Seat } from "./seat.ts";
import type { TakingBack } from "./taking-back.ts";
import { whyEnded } from "./why-ended.ts";

export interface EndingParts {
  readonly queue: CallQueue;
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
  /** A task was ended later than it was asked for: it may be the last. */
  readonly settled: () => void;
}

/** For who asks where a task is. A native call that takes longer may take for ever. */
const STACK_MS = 5_000;
/**
 * How much later than its `timeoutMs` a task may be told to have hung, to tell where. JavaScript answers within 5 ms; a thread
 * inside of a native call does not, and then nobody should wait long.
 */
const HUNG_MS = 100;

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

  timeOut(task: Task<unknown>, timeoutMs: number, phase: "queued" | "running", hungAt?: StackFrame[]): void {
    const error = new TaskTimeoutError(task.name, timeoutMs, phase, hungAt);
    if (this.end(task, "rejected", error)) this.#parts.ledger.counters.timedOut++;
  }

  /** True: that is not its fault, and it gets more time. Not when this is the last it can have. */
  ranTooLong(task: Task<unknown>, timeoutMs: number, isLast: boolean): boolean {
    const seat = this.seatOf(task);
    seat?.link!.drain();
    if (seat === undefined || this.seatOf(task) !== seat) return false;
    // Its answer is on the way, or the call has not begun: main itself may have been blocked, which is not the task's fault.
    // If that stays so, the worker will never tell or begin: it is given up, and the call with it or not.
    const isWithoutFault = seat.inFlight.progress(task, seat.link!.words) !== "running";
    if (isWithoutFault && !isLast) return true;
    if (isWithoutFault && this.#parts.crew.kill(seat, `it did not get on with task ${task.name}`)) {
      return false;
    }
    if (this.#runsAgain(seat, task, timeoutMs)) return false;
    if (isWithoutFault) this.timeOut(task, timeoutMs, "running");
    else this.#timeOutWhereItHangs(seat, task, timeoutMs);
    return false;
  }

  /** Whatever settles it meanwhile, an answer or a death, was first. */
  #timeOutWhereItHangs(seat: Seat, task: Task<unknown>, timeoutMs: number): void {
    const { options, settled } = this.#parts;
    const reading = options.stacks === false ? undefined : seat.link!.taskStack?.(task.id, HUNG_MS);
    if (reading === undefined) return this.timeOut(task, timeoutMs, "running");
    const timeOut = (hungAt?: StackFrame[]): void => {
      if (this.seatOf(task) !== seat) return;
      this.timeOut(task, timeoutMs, "running", hungAt);
      settled();
    };
    // Without a stack rather than never.
    void reading.then(timeOut, () => timeOut());
  }

  /** Where it is, if that is known. */
  async stack(task: Task<unknown>): Promise<StackFrame[] | undefined> {
    const seat = this.seatOf(task);
    if (seat?.hasBegun(task) !== true) return undefined;
    const stack = await seat.link!.taskStack?.(task.id, STACK_MS);
    return isOpen(task) ? stack : undefined;
  }

  /** Its run is ended at once: two runs of it must not meet. */
  #runsAgain(seat: Seat, task: Task<unknown>, timeoutMs: number): boolean {
    const { canKill, crew, retrying } = this.#parts;
    const error = new TaskTimeoutError(task.name, timeoutMs, "running");
    if (!canKill || !retrying.takes(task, "timeout", error)) return false;
    void seat.inFlight.takeRange(task.ticket, (task.ticket + 1) | 0);
    crew.kill(seat, whyEnded(task, error));
    return true;
  }

  runsSince(task: Task<unknown>): number | undefined {
    const seat = this.seatOf(task);
    return seat?.hasBegun(task) === true ? seat.startedAt(task) : undefined;
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
    void this.#parts.takingBack.from(seat);
    this.#parts.employSoon(seat);
    if (!inFlight.has(task)) return;
    link!.drain();
    if (inFlight.has(task) && !this.#hasEnded(seat, task)) this.#stopRunning(seat, task, reason);
  }

  #hasEnded(seat: Seat, task: Task<unknown>): boolean {
    const progress = seat.inFlight.progress(task, seat.link!.words);
    return progress === "ended" || progress === "sent";
  }

  #stopRunning(seat: Seat, task: Task<unknown>, reason: unknown): void {
    const { crew, deadlines } = this.#parts;
    const { link, state } = seat;
    link!.stop(task.id, reason);
    if (state.kind !== "busy") return;
    state.ending = task;
    if (task.options.onCancel === "abandon") return;
    const isLeft = streamOf(task) !== undefined && isLeaving(reason);
    if (!isLeft && !link!.words.hasLooked(task.id)) {
      return void crew.kill(seat, whyEnded(task, reason));
    }
    const graceMs = task.options.cancelGraceMs ?? this.#parts.options.cancelGraceMs;
    state.grace = deadlines.after(graceMs, () => crew.kill(seat, whyEnded(task, reason)));
  }
}
