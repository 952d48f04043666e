/**
 * Takes streams, and sees to it that they count as one call each.
 *
 * A stream that nobody reads any more does not hold up the end of an executor for ever: while that drains without a limit, one of
 * which nothing was read for {@link UNREAD_MS} is ended.
 */
import type { Deadlines } from "../core/deadlines.ts";
import { ExecutorClosedError, type Loss } from "../core/errors.ts";
import type { CompleteOptions } from "../core/executor-options.ts";
import { functionHandle } from "../core/function-handle.ts";
import type { StreamHost, StreamWork } from "../core/stream-turns.ts";
import { isOpen, Task, type TaskOwner } from "../core/task.ts";
import type { Assignment } from "./assignment.ts";
import { UNREAD_MS } from "./idleness.ts";
import { lostError } from "./loss.ts";
import { OpenStream, type StreamOwner } from "./open-stream.ts";
import { SHUT_DOWN } from "./why-ended.ts";

const ENDED: Loss = { exitCode: null, signal: null, oom: false, because: SHUT_DOWN };

/** The dispatcher. */
export interface TurnOwner extends TaskOwner {
  submit(turn: Task<unknown>): void;
  takeOn(turn: Task<unknown>): void;
  waitForCapacity(signal: AbortSignal): Promise<void>;
  /** A stream settled: is anything left? */
  settled(): void;
}

export class Streaming implements StreamHost {
  readonly #owner: TurnOwner;
  readonly #work: Assignment;
  readonly #deadlines: Deadlines;
  readonly #options: CompleteOptions;

  constructor(owner: TurnOwner, work: Assignment, deadlines: Deadlines, options: CompleteOptions) {
    this.#owner = owner;
    this.#work = work;
    this.#deadlines = deadlines;
    this.#options = options;
  }

  open(
    { fn, name, stores, accompany, submitted, options }: Parameters<StreamHost["open"]>[0],
    events: Parameters<StreamHost["open"]>[1],
  ): StreamWork {
    const { cancelGraceMs } = this.#options;
    const handle = { ...functionHandle(fn, null), name };
    const graceMs = options.cancelGraceMs ?? cancelGraceMs;
    const stream = new OpenStream(
      this.#streamOwner,
      { fn, handle, stores, accompany, submitted, options, graceMs },
      events,
    );
    this.#work.ledger.streams.add(stream);
    this.#work.ledger.submitted(stream.task);
    return stream;
  }

  /** A shutdown whose time is up ends the worker, any other cause has the function come to its end. */
  end(stream: OpenStream, reason: unknown): true {
    if (reason instanceof ExecutorClosedError) stream.kill(reason);
    else stream.end(reason);
    return true;
  }

  /** The executor ends when its streams have, whatever time that takes: who does not read is not waited for. */
  drain(): void {
    for (const stream of this.#work.ledger.streams) this.#watch(stream);
  }

  readonly #streamOwner: StreamOwner = {
    newTask: (handle, args, options) => new Task(this.#owner, handle, args, options),
    submit: (turn) => this.#owner.submit(turn),
    pin: (turn, seat) => {
      this.#owner.takeOn(turn);
      if (this.#work.crew.get(seat.id) === seat) return this.#work.pin(turn, seat);
      this.#work.ledger.settle(turn, "rejected", lostError(turn, seat, seat.loss ?? ENDED, "running"));
    },
    end: (turn, reason) => void this.#owner.cancel(turn, reason),
    seatOf: (turn) => this.#work.ending.seatOf(turn),
    settled: (stream, state, reason) => {
      this.#work.ledger.streamSettled(stream, state, reason);
      if (stream.seat !== undefined) this.#work.crew.shrink();
      this.#owner.settled();
    },
    waitForCapacity: (signal) => this.#owner.waitForCapacity(signal),
  };

  #watch(stream: OpenStream): void {
    const { reads } = stream;
    this.#deadlines.after(UNREAD_MS, () => {
      if (!isOpen(stream.task)) return;
      if (!stream.isResting || stream.reads !== reads) return this.#watch(stream);
      stream.end(new ExecutorClosedError(this.#options.name, true));
    });
  }
}
