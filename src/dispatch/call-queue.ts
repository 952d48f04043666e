/**
 * Calls that wait, and which of them a worker may take next.
 *
 * | a call               | waits                                      | goes to            |
 * | -------------------- | ------------------------------------------ | ------------------ |
 * | plain                | in a row: O(1)                             | any worker         |
 * | with a priority      | in a heap: O(log n)                        | any worker         |
 * | with a key           | in its lane, see lanes.ts                  | its key's worker   |
 * | of a broadcast       | at its worker, before all others           | that worker        |
 *
 * Of what a worker may take it takes what core/priority.ts says goes first. As long as there are only plain calls nothing is compared.
 */
import { goesBefore } from "../core/priority.ts";
import { Queue, type Ticket } from "../core/queue.ts";
import { RankedQueue } from "../core/ranked-queue.ts";
import type { Task } from "../core/task.ts";
import { type Lane, Lanes } from "./lanes.ts";
import { Pinned } from "./pinned.ts";
import type { Seat } from "./seat.ts";

type Call = Task<unknown>;

const moved = (task: Call, ticket: Ticket): void => {
  task.ticket = ticket;
};

export class CallQueue {
  readonly #plain = new Queue<Call>(moved);
  readonly #ranked = new RankedQueue<Call>(goesBefore, moved);
  readonly pinned = new Pinned();
  #lanes: Lanes | undefined;
  readonly #maxWorkers: () => number;

  constructor(maxWorkers: () => number) {
    this.#maxWorkers = maxWorkers;
  }

  get size(): number {
    return this.common + (this.#lanes?.size ?? 0) + this.pinned.size;
  }

  /** How many of them any worker may take. */
  get common(): number {
    return this.#plain.size + this.#ranked.size;
  }

  /** How many workers could begin one of them that have none of them now. */
  get wanted(): number {
    return this.common + (this.#lanes?.homeless ?? 0);
  }

  push(task: Call): Ticket {
    if (this.#isPlain(task)) return this.#plain.push(task);
    this.#insert(task);
    return task.ticket;
  }

  /** It was its turn before. */
  unshift(task: Call): Ticket {
    if (this.#isPlain(task)) return this.#plain.unshift(task);
    this.#insert(task);
    return task.ticket;
  }

  /** False when it does not wait here. */
  remove(ticket: Ticket, task: Call): boolean {
    if (this.pinned.remove(task)) return true;
    if (task.options.key !== undefined) return this.#lanes?.remove(task) === true;
    return this.#isRanked(task) ? this.#ranked.remove(ticket, task) : this.#plain.remove(ticket, task);
  }

  /** It is run again later. What has to come after it waits. */
  pause(task: Call): void {
    if (task.options.key !== undefined) this.#lanes!.pause(task);
  }

  /** It is not run again. True when others waited for it. */
  free(task: Call): boolean {
    return this.#lanes?.free(task) === true;
  }

  hasFor(seat: Seat): boolean {
    return this.common > 0 || this.#lanes?.next(seat) !== undefined || this.pinned.has(seat);
  }

  /** The next one for that worker, but for broadcasts. */
  peek(seat: Seat): Call | undefined {
    if (this.#hasOnlyPlain) return this.#plain.peek();
    return (this.#laneFor(seat)?.calls ?? this.#first).peek();
  }

  shift(seat: Seat): Call | undefined {
    if (this.#hasOnlyPlain) return this.#plain.shift();
    const lane = this.#laneFor(seat);
    return lane === undefined ? this.#first.shift() : this.#lanes!.shift(lane, seat);
  }

  /** How many of them should go to that worker, of `workers`. */
  share(seat: Seat, workers: number): number {
    const any = Math.ceil(this.common / workers);
    return this.#hasOnlyPlain ? any : any + (this.#lanes?.waitingFor(seat) ?? 0);
  }

  toArray(): Call[] {
    const lanes = this.#lanes?.toArray() ?? [];
    return [...this.pinned.toArray(), ...this.#ranked.toArray(), ...this.#plain.toArray(), ...lanes];
  }

  /** Whether calls wait for others that have left, see {@link Lanes}. */
  get isMoving(): boolean {
    return this.#lanes?.isMoving === true;
  }

  /** `maxWorkers` is another one. */
  resize(seats: Iterable<Seat>): void {
    this.#lanes?.resize(this.#maxWorkers(), seats);
  }

  /** Whether a worker can be started for a key that has none. */
  canStart(can: "can" | "cannot"): void {
    if (this.#lanes !== undefined) this.#lanes.share = can === "cannot";
  }

  get hasKeys(): boolean {
    return this.#lanes !== undefined;
  }

  /** Undefined as long as there was no call with a key. */
  get lanes(): Lanes | undefined {
    return this.#lanes;
  }

  get #hasOnlyPlain(): boolean {
    return this.#ranked.size === 0 && (this.#lanes === undefined || this.#lanes.size === 0);
  }

  #isPlain(task: Call): boolean {
    const { key, priority } = task.options;
    return key === undefined && (priority === undefined || priority === 0) && !this.pinned.owns(task);
  }

  #isRanked({ options: { priority = 0 } }: Call): boolean {
    return priority !== 0;
  }

  #insert(task: Call): void {
    if (this.pinned.owns(task)) this.pinned.putBack(task);
    else if (task.options.key === undefined) this.#ranked.push(task);
    else (this.#lanes ??= new Lanes(this.#maxWorkers())).push(task);
  }

  /** Of those that any worker may take. */
  get #first(): Queue<Call> | RankedQueue<Call> {
    const [plain, ranked] = [this.#plain.peek(), this.#ranked.peek()];
    if (plain === undefined) return this.#ranked;
    return ranked !== undefined && goesBefore(ranked, plain) ? this.#ranked : this.#plain;
  }

  #laneFor(seat: Seat): Lane | undefined {
    const lane = this.#lanes?.next(seat);
    const other = this.#first.peek();
    if (lane === undefined || other === undefined) return lane;
    return goesBefore(lane.calls.peek()!, other) ? lane : undefined;
  }
}
