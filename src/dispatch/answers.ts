/**
 * What workers answer, and messages that cannot be read.
 */
import type { Clock } from "../core/clock.ts";
import type { CompleteOptions } from "../core/executor-options.ts";
import { isOpen, type Task } from "../core/task.ts";
import { HEADER, RESULT_STRIDE, ResultKind, RESULTS, type Results } from "../wire/messages.ts";
import type { Ledger } from "./ledger.ts";
import { hasMoved, unreadableError } from "./loss.ts";
import type { Paces } from "./pace.ts";
import { type ReadContext, readLoadFailure, readResult } from "./read-result.ts";
import { sendAnotherWay } from "./resent.ts";
import type { Retrying } from "./retrying.ts";
import type { Seat } from "./seat.ts";
import type { Sending } from "./sending.ts";
import type { TakingBack } from "./taking-back.ts";
import type { TravelHelp } from "./travel-help.ts";
import type { Unreadable } from "./worker-link.ts";

export interface AnswersParts {
  readonly ledger: Ledger;
  readonly paces: Paces;
  readonly sending: Sending;
  readonly takingBack: TakingBack;
  readonly clock: Clock;
  readonly options: CompleteOptions;
  readonly travel: TravelHelp;
  readonly retrying: Retrying;
  /** The call is to be sent again, first. */
  readonly requeue: (task: Task<unknown>) => void;
}

export class Answers {
  readonly #parts: AnswersParts;

  constructor(parts: AnswersParts) {
    this.#parts = parts;
  }

  read(seat: Seat, results: Results): void {
    const { clock, ledger, paces } = this.#parts;
    // Once for all of them: they are here at the same time.
    const now = clock.now();
    const run = { runMs: 0, now };
    let seq = results[1];
    let startedAt = clock.fromMonotonic?.(results[2]) ?? seat.turnAt;
    let ranMs = 0;
    for (let at = HEADER; at < results.length; at += RESULT_STRIDE) {
      const kind = results[at] as ResultKind;
      const value = results[at + 1];
      const runMs = results[at + 2] as number;
      const task = seat.inFlight.answered(seq);
      if (task !== undefined && !this.#sentAgain(seat, task, kind, value)) {
        ranMs += runMs;
        run.runMs = runMs;
        ledger.ran(task, seat, runMs);
        if (kind === ResultKind.value || kind === ResultKind.buffer) paces.ran(task.handle, runMs);
        if (isOpen(task)) ledger.began(task, startedAt);
        else endedAfterAll(seat, task);
        // Most of them, and the shortest way.
        if (kind === ResultKind.value) ledger.settle(task, "fulfilled", value, run);
        else if (isOpen(task)) this.#settle(seat, task, results, at);
      }
      seq = (seq + 1) | 0;
      startedAt += runMs;
    }
    seat.turnAt = now;
    ledger.active(ranMs, now);
  }

  /** Results that wait in the worker, which does not get on or is dead. When they arrive after all, nobody waits for them. */
  collect(seat: Seat): void {
    const { inFlight, link } = seat;
    const { words } = link!;
    for (const task of inFlight) {
      const { ticket } = task;
      const progress = inFlight.progress(task, words);
      if (progress === "sent") continue;
      if (progress !== "ended") return;
      const kept = words.kept(ticket);
      // Its place is another's only after it has left.
      if (kept === undefined || inFlight.progress(task, words) !== "ended") continue;
      this.read(seat, [RESULTS, ticket, kept.startedAt, ResultKind.value, kept.value, kept.runMs]);
    }
  }

  #settle(seat: Seat, task: Task<unknown>, results: Results, at: number): void {
    const kind = results[at] as ResultKind;
    const answer = readResult(task, kind, results[at + 1], this.#context(seat));
    const isThrown = kind === ResultKind.error;
    if (isThrown && this.#parts.retrying.takes(task, "thrown", answer.value)) return;
    this.#parts.ledger.settle(task, answer.state, answer.value, { runMs: results[at + 2] as number });
  }

  /** The function never ran, so another way of sending it is no second run. */
  #sentAgain(seat: Seat, task: Task<unknown>, kind: ResultKind, value: unknown): boolean {
    if (kind !== ResultKind.notLoaded || !isOpen(task)) return false;
    if (hasMoved(task) || !sendAnotherWay(task)) return false;
    try {
      const failure = readLoadFailure(task, value, this.#context(seat));
      task.handle = this.#parts.travel.resendAs(task, failure);
    } catch (refusal) {
      this.#parts.ledger.settle(task, "rejected", refusal);
      return true;
    }
    this.#parts.requeue(task);
    return true;
  }

  #context({ id }: Seat): ReadContext {
    const { options, travel } = this.#parts;
    return { where: `offloop (worker ${id} of ${options.name})`, travel };
  }

  unreadable(seat: Seat, message: Unreadable): void {
    if (message.direction === "argument") this.#unreadableCalls(seat, message);
    else this.#unreadableResults(seat, message);
  }

  /** The worker did not get them. Which of several it was shows when each is sent again, alone. */
  #unreadableCalls(seat: Seat, { cause, calls }: Unreadable): void {
    const { ledger, sending, takingBack } = this.#parts;
    const lost = calls === undefined ? takingBack.from(seat) : takingBack.range(seat, ...calls);
    for (const task of lost) {
      if (!sending.suspect(task)) continue;
      takingBack.forget(task);
      ledger.settle(task, "rejected", unreadableError(task, "argument", cause));
    }
  }

  /** They ran. Later messages tell how far; then what is not answered of what has left was in this one. */
  #unreadableResults(seat: Seat, { cause, calls }: Unreadable): void {
    const { inFlight, link } = seat;
    const [first, end] = calls ?? [inFlight.first?.ticket ?? 0, link!.words.sent];
    link!.drain();
    for (const task of inFlight.takeRange(first, end)) {
      if (isOpen(task)) this.#parts.ledger.settle(task, "rejected", unreadableError(task, "result", cause));
      else endedAfterAll(seat, task);
    }
  }
}

/** A task that had settled while it ran: its worker need not be ended for it any more. */
function endedAfterAll(seat: Seat, task: Task<unknown>): void {
  if (seat.state.kind === "busy" && seat.state.ending === task) seat.enter({ kind: "busy" });
}
