/**
 * The calls of workers that died: sent again, or lost.
 *
 * What a killed worker had sent before may not have been read yet. Those calls wait until it has gone, and with it all that could still
 * arrive.
 */
import type { Deadlines } from "../core/deadlines.ts";
import type { Loss } from "../core/errors.ts";
import { streamOf } from "../core/stream-turns.ts";
import { isOpen, type Task } from "../core/task.ts";
import { isBefore } from "../wire/claims.ts";
import type { Ledger } from "./ledger.ts";
import { fateOf, lostError } from "./loss.ts";
import type { Retrying } from "./retrying.ts";
import type { Seat } from "./seat.ts";

/** One that hangs in a native call may not go for long, and nobody can wait for that. Any other is gone within milliseconds. */
const LATE_MS = 1_000;

/** It was asked to, and has nothing that could be lost. */
const ENDED: Loss = { exitCode: 0, signal: null, oom: false };

export interface LossesParts {
  readonly ledger: Ledger;
  readonly deadlines: Deadlines;
  readonly retrying: Retrying;
  /** Results that waited in the worker. */
  readonly collect: (seat: Seat) => void;
  /** What waits for that worker and no other. */
  readonly takePinned: (seat: Seat) => readonly Task<unknown>[];
  /** The call is to be sent again, first. */
  readonly requeue: (task: Task<unknown>) => void;
  /** Something settled that nobody waited for any more. */
  readonly settled: () => void;
}

export class Losses {
  readonly #parts: LossesParts;

  constructor(parts: LossesParts) {
    this.#parts = parts;
  }

  /** It has gone by itself, and all that it had sent has been read. */
  lost(seat: Seat, loss: Loss): void {
    const { inFlight } = seat;
    seat.loss ??= loss;
    seat.check?.stop();
    if (inFlight.size > 0) this.#parts.collect(seat);
    const fates = fatesOf(seat, [...inFlight]);
    // Sent again, a call has another number: first out of here.
    inFlight.clear();
    this.#parts.ledger.streams.lost(seat, loss);
    this.#settle(seat, fates, loss);
    this.#unbegun(seat, loss);
  }

  killed(seat: Seat): void {
    const { inFlight, link } = seat;
    const loss = seat.loss!;
    seat.check?.stop();
    this.#parts.collect(seat);
    const { sent } = link!.words;
    const fates = fatesOf(
      seat,
      [...inFlight].filter(({ ticket }) => !isBefore(ticket, sent)),
    );
    void inFlight.takeFrom(sent);
    this.#parts.ledger.streams.lost(seat, loss);
    this.#settle(seat, fates, loss);
    this.#unbegun(seat, loss);
    if (inFlight.size > 0) seat.check = this.#parts.deadlines.after(LATE_MS, () => this.gone(seat));
  }

  /** Nothing arrives any more from one that was killed. */
  gone(seat: Seat): void {
    // Also without calls: an answer that was read late may have sent one of its own again.
    this.lost(seat, seat.loss ?? ENDED);
    this.#parts.settled();
  }

  /** They were for that worker and no other. */
  #unbegun(seat: Seat, loss: Loss): void {
    for (const task of this.#parts.takePinned(seat)) {
      this.#parts.ledger.lost(task);
      // The function of a stream rests there.
      const hasBegun = streamOf(task)?.hasBegun === true;
      this.#parts.ledger.settle(
        task,
        "rejected",
        lostError(task, seat, loss, hasBegun ? "running" : "unknown"),
      );
    }
  }

  #settle(seat: Seat, fates: readonly Fate[], loss: Loss): void {
    const { ledger, requeue, retrying } = this.#parts;
    for (const [task, fate] of fates) {
      if (fate === "again") continue;
      ledger.lost(task);
      const error = lostError(task, seat, loss, fate);
      if (!retrying.takes(task, "crash", error)) ledger.settle(task, "rejected", error);
    }
    for (const [task, fate] of fates.toReversed()) if (fate === "again") requeue(task);
  }
}

type Fate = readonly [task: Task<unknown>, fate: ReturnType<typeof fateOf>];

function fatesOf(seat: Seat, tasks: readonly Task<unknown>[]): Fate[] {
  return tasks.filter(isOpen).map((task) => [task, fateOf(task, seat)]);
}
