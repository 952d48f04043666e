/**
 * Calls with a `key`. There is a lane for each of `maxWorkers`; a key's calls are in one lane, for good, and a lane is one worker's for as
 * long as that lives. So the calls with one key run one after the other, in the order in which they were submitted, in one worker.
 *
 * A lane gets its worker with its first call: one that has no lane. There is one, or one may be started, because there are not
 * more lanes than workers. Where none can be started, lanes share what there is. When one can again, a lane that shares its worker and
 * has no call there gets its own.
 *
 * A call that is run again after a pause keeps its lane waiting meanwhile.
 *
 * With another number of workers the keys are in other lanes. Their calls wait then until those that have left are done, or two
 * of one key could run at once.
 */
import { RankedQueue } from "../core/ranked-queue.ts";
import { goesBefore } from "../core/priority.ts";
import type { Task } from "../core/task.ts";
import type { Seat } from "./seat.ts";

export interface Lane {
  /** In the order of submission, also what came back. */
  readonly calls: RankedQueue<Task<unknown>>;
  seat: Seat | undefined;
}

export class Lanes {
  #lanes: Lane[] = [];
  #size = 0;
  /** Calls between two runs. */
  readonly #pausing = new Set<Task<unknown>>();
  /** Workers that have calls of lanes that are no more. */
  #leftovers: Seat[] = [];
  #mustShare = false;
  /** Some lanes have the same worker, perhaps. */
  #areSharing = false;

  constructor(count: number) {
    this.#lanes = newLanes(count);
  }

  get size(): number {
    return this.#size;
  }

  /** No worker can be started now. */
  set share(must: boolean) {
    this.#mustShare = must;
    this.#areSharing ||= must;
  }

  /** How many lanes wait for a worker that they do not have. */
  get homeless(): number {
    return this.#lanes.filter((lane) => this.#mayGo(lane) && this.#workerOf(lane) === undefined).length;
  }

  push(task: Task<unknown>): void {
    this.#size++;
    this.#pausing.delete(task);
    this.#of(task).calls.push(task);
  }

  remove(task: Task<unknown>): boolean {
    const waited = this.#of(task).calls.remove(task.ticket, task);
    if (waited) this.#size--;
    return waited;
  }

  /** Its lane waits until it is pushed again, or freed. */
  pause(task: Task<unknown>): void {
    this.#pausing.add(task);
  }

  /** False when it did not keep its lane waiting. */
  free(task: Task<unknown>): boolean {
    return this.#pausing.delete(task);
  }

  /** The lane whose next call should go to that worker. */
  next(seat: Seat): Lane | undefined {
    if (this.#size === 0 || this.isMoving) return undefined;
    const mayTakeOn = this.#mustShare || !this.#lanes.some((lane) => this.#workerOf(lane) === seat);
    let next: Lane | undefined;
    for (const lane of this.#lanes) {
      if (!this.#mayGo(lane)) continue;
      const worker = this.#workerOf(lane);
      if (worker !== seat && (worker !== undefined || !mayTakeOn)) continue;
      if (next === undefined || goesBefore(lane.calls.peek()!, next.calls.peek()!)) next = lane;
    }
    return next;
  }

  /** The lane's next call leaves for that worker, and so do all that follow. */
  shift(lane: Lane, seat: Seat): Task<unknown> {
    this.#size--;
    lane.seat = seat;
    return lane.calls.shift()!;
  }

  /** How many calls should go to that worker and no other. */
  waitingFor(seat: Seat): number {
    const next = this.next(seat);
    return this.#lanes.reduce(
      (sum, lane) => (lane === next || this.#workerOf(lane) === seat ? sum + lane.calls.size : sum),
      0,
    );
  }

  toArray(): Task<unknown>[] {
    return this.#lanes.flatMap(({ calls }) => calls.toArray());
  }

  /** Whether calls wait for others that left before the lanes were changed. */
  get isMoving(): boolean {
    if (this.#leftovers.length === 0) return false;
    this.#leftovers = this.#leftovers.filter((seat) => isThere(seat) && hasKeyed(seat));
    return this.#leftovers.length > 0;
  }

  /**
   * Workers without which a call cannot begin, as long as they live: it waits for one of them to be free, or for all. Undefined when
   * another may take it. `seats`: all, when no other can be started.
   */
  before(
    task: Task<unknown>,
    seats: Iterable<Seat> | undefined,
  ): { readonly needs: "one" | "all"; readonly seats: Seat[] } | undefined {
    const runs = ({ inFlight: { first } }: Seat): Task<unknown> | undefined =>
      first?.options.key === undefined ? undefined : first;
    if (this.isMoving) {
      return { needs: "all", seats: this.#leftovers.filter((one) => runs(one) !== undefined) };
    }
    const lane = this.#of(task);
    const seat = this.#workerOf(lane);
    if (seat !== undefined) {
      const isShared = this.#lanes.some((other) => other !== lane && other.seat === seat);
      const first = runs(seat);
      // It goes to a worker of its own when it has nothing here and one can be started.
      const mayMove = isShared && (first === undefined || this.#of(first) !== lane);
      return mayMove ? undefined : { needs: "one", seats: [seat] };
    }
    if (seats === undefined || this.#mustShare) return undefined;
    const others = new Set(this.#lanes.map((other) => this.#workerOf(other)));
    const free = [...seats].filter((one) => !others.has(one));
    return free.length === 0 ? undefined : { needs: "one", seats: free };
  }

  /** `seats`: all workers. */
  resize(count: number, seats: Iterable<Seat>): void {
    if (count === this.#lanes.length) return;
    this.#leftovers = [...seats];
    const calls = this.toArray();
    this.#lanes = newLanes(count);
    for (const task of calls) this.#of(task).calls.push(task);
  }

  #mayGo(lane: Lane): boolean {
    if (lane.calls.size === 0) return false;
    for (const task of this.#pausing) if (this.#of(task) === lane) return false;
    return true;
  }

  #workerOf(lane: Lane): Seat | undefined {
    if (lane.seat !== undefined && (!isThere(lane.seat) || this.#mayLeave(lane, lane.seat))) {
      lane.seat = undefined;
    }
    return lane.seat;
  }

  #mayLeave(lane: Lane, seat: Seat): boolean {
    if (!this.#areSharing || this.#mustShare) return false;
    const seats = this.#lanes.flatMap((one) => one.seat ?? []);
    this.#areSharing = new Set(seats).size < seats.length;
    if (!this.#lanes.some((other) => other !== lane && other.seat === seat)) return false;
    for (const task of seat.inFlight) {
      if (task.options.key !== undefined && this.#of(task) === lane) return false;
    }
    return true;
  }

  #of({ options: { key } }: Task<unknown>): Lane {
    return this.#lanes[hash(key!) % this.#lanes.length]!;
  }
}

export function hasKeyed({ inFlight }: Seat): boolean {
  for (const { options } of inFlight) if (options.key !== undefined) return true;
  return false;
}

function newLanes(count: number): Lane[] {
  return Array.from({ length: count }, () => ({
    calls: new RankedQueue<Task<unknown>>(
      (task, other) => task.id < other.id,
      (task, ticket) => (task.ticket = ticket),
    ),
    seat: undefined,
  }));
}

function isThere({ state: { kind } }: Seat): boolean {
  return kind === "idle" || kind === "busy";
}

/** FNV-1a, 32 bits: short keys that differ in their last character only must not meet (Fowler, Noll, Vo). */
function hash(key: string | number): number {
  const text = String(key);
  let sum = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
  // Its lowest bits say too little: a product keeps the parity of what came in.
  return (sum ^ (sum >>> 15)) >>> 0;
}
