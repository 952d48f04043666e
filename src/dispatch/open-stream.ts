/**
 * One stream at its executor: a call in many turns, that counts as one. Its turns are tasks that nobody sees; what stands in lists,
 * statistics and reports is a task of the stream's own.
 *
 * | state   | what is there                           | counts as | next           |
 * | ------- | --------------------------------------- | --------- | -------------- |
 * | waiting | a first turn that no worker has begun   | pending   | working, over  |
 * | working | a turn                                  | running   | resting, over  |
 * | resting | its function, in a worker that is free  | running   | working, over  |
 * | over    | nothing                                 | settled   | -              |
 */
import type { CallOptions } from "../core/call-options.ts";
import { keepStores, type Stores } from "../core/contexts.ts";
import { ExecutorClosedError, type Loss, TaskTimeoutError } from "../core/errors.ts";
import type { AnyFunction, FunctionHandle } from "../core/function-handle.ts";
import type { StreamEvents, StreamWork, Turning, TurnOptions } from "../core/stream-turns.ts";
import { handOver, isOpen, type Task, type TaskPlace } from "../core/task.ts";
import { lostError } from "./loss.ts";
import type { Seat } from "./seat.ts";

/** What a stream asks of its executor. */
export interface StreamOwner {
  readonly newTask: (handle: FunctionHandle, args: unknown[], options: TurnOptions) => Task<unknown>;
  readonly submit: (turn: Task<unknown>) => void;
  /** To that worker and no other. */
  readonly pin: (turn: Task<unknown>, seat: Seat) => void;
  readonly end: (turn: Task<unknown>, reason: unknown) => void;
  readonly seatOf: (turn: Task<unknown>) => Seat | undefined;
  readonly settled: (
    stream: OpenStream,
    state: "fulfilled" | "rejected" | "cancelled",
    reason: unknown,
  ) => void;
  readonly waitForCapacity: (signal: AbortSignal) => Promise<void>;
}

interface Given {
  readonly fn: AnyFunction;
  readonly handle: FunctionHandle;
  readonly stores: Stores | undefined;
  /** Each turn, as soon as it is made. */
  readonly accompany: (turn: object) => void;
  /** The first, before it leaves. */
  readonly submitted: (turn: Task<unknown>) => void;
  readonly options: CallOptions;
  readonly graceMs: number;
}

export class OpenStream implements StreamWork, Turning {
  readonly fn: AnyFunction;
  readonly task: Task<unknown>;
  runMs = 0;
  turns = 0;
  /** Items that were read. */
  reads = 0;
  /** It rests, and nobody has read for long. */
  isUnread = false;
  readonly #owner: StreamOwner;
  readonly #events: StreamEvents;
  readonly #given: Given;
  #turn: Task<unknown> | undefined;
  #seat: Seat | undefined;

  constructor(owner: StreamOwner, given: Given, events: StreamEvents) {
    this.fn = given.fn;
    this.#owner = owner;
    this.#given = given;
    this.#events = events;
    this.task = owner.newTask(given.handle, [], given.options);
  }

  get id(): number {
    return this.task.id;
  }

  /** Where its function is. */
  get seat(): Seat | undefined {
    return this.#seat;
  }

  get hasBegun(): boolean {
    return this.turns > 0;
  }

  get isResting(): boolean {
    return this.seat !== undefined && (this.#turn === undefined || !isOpen(this.#turn));
  }

  begin(handle: FunctionHandle, args: unknown[]): Task<unknown> {
    const turn = this.#newTurn(handle, [...args], this.#given.options);
    // The function sees the number of the stream.
    (turn as { id: number }).id = this.task.id;
    this.#given.submitted(turn);
    this.#owner.submit(turn);
    return turn;
  }

  resume(handle: FunctionHandle, args: unknown[]): Task<unknown> {
    // It waits for its own worker, and what has given items is not run again.
    const { retry: _retry, idempotent: _idempotent, ...options } = this.#given.options;
    return this.#pinned(this.#newTurn(handle, args, { ...options, queueTimeoutMs: Infinity }));
  }

  leave(handle: FunctionHandle, args: unknown[], reason: unknown): Task<unknown> | undefined {
    const turn = this.#turn;
    const abandons = this.#given.options.onCancel === "abandon";
    if (turn !== undefined && isOpen(turn)) {
      const seat = this.#owner.seatOf(turn);
      this.#owner.end(turn, reason);
      // It may never come back, and nobody waits for it.
      if (abandons) return undefined;
      if (seat !== undefined) this.#isAt(seat);
    }
    if (this.#seat === undefined) return undefined;
    const { graceMs } = this.#given;
    const onCancel = abandons ? "abandon" : "terminate";
    const timeoutMs = Math.max(1, graceMs);
    return this.#pinned(this.#newTurn(handle, args, { timeoutMs, queueTimeoutMs: Infinity, onCancel }));
  }

  wasRead(): void {
    this.reads++;
    this.isUnread = false;
  }

  settle(state: "fulfilled" | "rejected" | "cancelled", reason?: unknown): void {
    this.#seat?.streams.delete(this);
    this.#owner.settled(this, state, reason);
  }

  waitForCapacity(signal: AbortSignal): Promise<void> {
    return this.#owner.waitForCapacity(signal);
  }

  ran(place: TaskPlace, runMs: number): void {
    this.#isAt(place as Seat);
    this.runMs += runMs;
    this.turns++;
    this.task.sends = 1;
    handOver(this.task, { id: place.id, hasBegun: () => true, startedAt: () => this.task.submittedAt });
  }

  /** Its worker is gone, and its function with it. A turn that was under way is told by itself. */
  lost(loss: Loss): void {
    // Of a turn that was lost itself its reader hears.
    const turn = this.#turn;
    if (turn?.state !== "fulfilled") return;
    const error = lostError(this.task, this.seat!, loss, "running");
    // Its last items may have come only now: they are read first.
    void turn.then(() => this.#events.lost(error));
  }

  end(reason: unknown): void {
    this.#events.cancelled(reason);
  }

  /** Its worker is about to be ended. */
  kill(reason: unknown): void {
    if (this.#turn !== undefined && isOpen(this.#turn)) this.#owner.end(this.#turn, reason);
    else this.#events.lost(reason);
  }

  #isAt(seat: Seat): void {
    if (this.#seat === seat) return;
    this.#seat?.streams.delete(this);
    this.#seat = seat;
    seat.streams.add(this);
    seat.tasks++;
  }

  #newTurn(handle: FunctionHandle, args: unknown[], options: CallOptions): Task<unknown> {
    const named: TurnOptions = { ...options, name: this.task.name, stream: this };
    const turn = (this.#turn = this.#owner.newTask(handle, args, named));
    // Each of them: what the function runs on main finds them by the turn that it is in.
    if (this.#given.stores !== undefined) keepStores(turn, this.#given.stores);
    this.#given.accompany(turn);
    return turn;
  }

  #pinned(turn: Task<unknown>): Task<unknown> {
    const seat = this.seat!;
    this.#owner.pin(turn, seat);
    return turn;
  }
}

/** Whether the end of a turn is one that its function may take some time for. */
export function isLeaving(reason: unknown): boolean {
  return !(reason instanceof TaskTimeoutError) && !(reason instanceof ExecutorClosedError);
}
