/**
 * Calls leave for workers: which ones together, and what becomes of those that cannot leave.
 */
import { streamOf } from "../core/stream-turns.ts";
import type { Task } from "../core/task.ts";
import type { CallQueue } from "./call-queue.ts";
import type { Crew } from "./crew.ts";
import type { Ledger } from "./ledger.ts";
import { hasMoved, sendError } from "./loss.ts";
import { FrameRoom, isLow, type Paces } from "./pace.ts";
import type { Recycling } from "./recycling.ts";
import type { Seat } from "./seat.ts";

export interface SendingParts {
  readonly queue: CallQueue;
  readonly crew: Crew;
  readonly ledger: Ledger;
  readonly paces: Paces;
  readonly mostInFlight: number;
  readonly recycling: Recycling;
  readonly now: () => number;
  /** A call could not leave and was rejected. */
  readonly refused: () => void;
}

export class Sending {
  readonly #parts: SendingParts;
  /** Calls from a message that could not be read. Which of them it was shows when each leaves alone. */
  readonly #suspects = new WeakSet<Task<unknown>>();
  #hasSuspects = false;

  constructor(parts: SendingParts) {
    this.#parts = parts;
  }

  /** From now on it leaves alone. True when it did already, or cannot leave again. */
  suspect(task: Task<unknown>): boolean {
    if (this.#suspects.has(task) || hasMoved(task)) return true;
    this.#suspects.add(task);
    this.#hasSuspects = true;
    return false;
  }

  /** To a worker that has none. False when it could not leave; then it is settled. */
  send(seat: Seat, task: Task<unknown>): boolean {
    return this.#send(seat, [task], [this.#expectedMs(task)]);
  }

  /** What waits, as much of it as should go to this worker now. False when nothing has left. */
  fill(seat: Seat): boolean {
    const { queue, crew, mostInFlight, recycling } = this.#parts;
    const has = { inFlight: seat.inFlight.size, expectedMs: seat.inFlight.expectedMs };
    const most = Math.min(mostInFlight, has.inFlight + roomOf(seat, recycling));
    const room = new FrameRoom(has, most, queue.share(seat, crew.size));
    const frame: Task<unknown>[] = [];
    const costs: number[] = [];
    for (let task = queue.peek(seat); task !== undefined; task = queue.peek(seat)) {
      const expectedMs = this.#expectedMs(task);
      if (!room.takes(expectedMs)) break;
      frame.push(queue.shift(seat)!);
      costs.push(expectedMs);
    }
    return frame.length > 0 && this.#send(seat, frame, costs);
  }

  /** Sends ahead, so that the worker need not wait for the next call when it has answered the last. */
  refill(seat: Seat): void {
    const { inFlight, state, link } = seat;
    if (state.kind !== "busy" || state.ending !== undefined || link!.isCongested) return;
    // A broadcast waits until it has nothing.
    if (this.#parts.queue.pinned.has(seat)) return;
    const has = { inFlight: inFlight.size, expectedMs: inFlight.expectedMs };
    if (isLow(has, this.#parts.mostInFlight)) this.fill(seat);
  }

  /** `costs`: how long each is expected to run. */
  #send(seat: Seat, tasks: readonly Task<unknown>[], costs: readonly number[]): boolean {
    const { ledger, refused } = this.#parts;
    // Before it leaves: the worker may have begun it long before this thread goes on.
    const now = this.#parts.now();
    try {
      seat.link!.send(tasks, seat.inFlight.end);
    } catch (refusal) {
      // One of them cannot be copied; the others can.
      if (tasks.length > 1) {
        return tasks.map((task, index) => this.#send(seat, [task], [costs[index]!])).includes(true);
      }
      ledger.settle(tasks[0]!, "rejected", sendError(tasks[0]!, refusal));
      refused();
      return false;
    }
    if (seat.inFlight.size === 0) seat.turnAt = now;
    for (let index = 0; index < tasks.length; index++) {
      const task = tasks[index]!;
      const isNext = seat.inFlight.size === 0;
      seat.inFlight.add(task, costs[index]!);
      task.sends++;
      ledger.handOver(task, seat);
      if (isNext) ledger.began(task, now);
      task.watch?.sent(isNext);
    }
    return true;
  }

  /** Infinity: it leaves alone, for a worker that has no other. */
  #expectedMs(task: Task<unknown>): number {
    const { mostInFlight, paces } = this.#parts;
    if (mostInFlight === 1 || streamOf(task) !== undefined) return Infinity;
    if (this.#hasSuspects && this.#suspects.has(task)) return Infinity;
    // What has moved cannot be sent again, so it must not be taken back.
    if (hasMoved(task) || hasOwnDefinition(task)) return Infinity;
    // Others of its key would be run before it is run again.
    if (task.options.retry !== undefined && task.options.key !== undefined) return Infinity;
    return paces.expectedMs(task.handle);
  }
}

/** One at a time in a worker that is due and stays for its streams. */
function roomOf(seat: Seat, recycling: Recycling): number {
  const room = recycling.room(seat);
  return room > 0 || seat.streams.size === 0 ? room : 1 - seat.inFlight.size;
}

/** Of a function that the worker forgets after the call: calls that are there together would share one definition. */
function hasOwnDefinition({ handle, args }: Task<unknown>): boolean {
  if (handle.once) return true;
  for (const argument of args) if (typeof argument === "function") return true;
  return false;
}
