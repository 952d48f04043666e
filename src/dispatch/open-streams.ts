/**
 * The streams of an executor that have not settled.
 */
import type { Loss } from "../core/errors.ts";
import type { Task } from "../core/task.ts";
import type { OpenStream } from "./open-stream.ts";
import type { Seat } from "./seat.ts";

export class OpenStreams {
  readonly #open = new Map<Task<unknown>, OpenStream>();

  get size(): number {
    return this.#open.size;
  }

  /** How many count as running and have no turn that does. */
  get resting(): number {
    let resting = 0;
    for (const stream of this.#open.values()) if (stream.isResting) resting++;
    return resting;
  }

  /** By the task that stands for it. */
  of(task: Task<unknown>): OpenStream | undefined {
    return this.#open.size === 0 ? undefined : this.#open.get(task);
  }

  add(stream: OpenStream): void {
    this.#open.set(stream.task, stream);
  }

  /** False when it was not there. */
  delete(stream: OpenStream): boolean {
    return this.#open.delete(stream.task);
  }

  [Symbol.iterator](): Iterator<OpenStream> {
    return [...this.#open.values()].values();
  }

  tasks(which: "all" | "begun" | "waiting" = "all"): Task<unknown>[] {
    return [...this]
      .filter(({ seat }) => which === "all" || (seat !== undefined) === (which === "begun"))
      .map(({ task }) => task);
  }

  lost(seat: Seat, loss: Loss): void {
    for (const stream of this) if (stream.seat === seat) stream.lost(loss);
  }
}
