/**
 * The calls that a worker has and did not answer, in the order in which it begins them. Calls are answered from the front and
 * taken back from the end. A call's number (see the wire's claims) is in its `ticket`.
 */
import type { Task } from "../core/task.ts";
import { isBefore, type Progress, progressOf } from "../wire/claims.ts";
import type { Words } from "../wire/words.ts";

export class InFlight {
  #tasks: Task<unknown>[] = [];
  /** How long each is expected to run. */
  #costs: number[] = [];
  #head = 0;
  /** The number of the next call to be sent. */
  end = 0;
  /** How long all of them are expected to run. */
  expectedMs = 0;

  get size(): number {
    return this.#tasks.length - this.#head;
  }

  get first(): Task<unknown> | undefined {
    return this.#tasks[this.#head];
  }

  [Symbol.iterator](): Iterator<Task<unknown>> {
    return this.#tasks.slice(this.#head).values();
  }

  add(task: Task<unknown>, expectedMs: number): void {
    task.ticket = this.end;
    this.end = (this.end + 1) | 0;
    this.#tasks.push(task);
    this.#costs.push(expectedMs);
    this.expectedMs += expectedMs;
  }

  /** The call with that number, which was answered. Undefined when it is not there. */
  answered(seq: number): Task<unknown> | undefined {
    const task = this.first;
    // The answer of one before it cannot be read.
    if (task?.ticket !== seq) return this.takeRange(seq, (seq + 1) | 0)[0];
    this.expectedMs -= this.#costs[this.#head]!;
    this.#head++;
    if (this.#head === this.#tasks.length) this.clear();
    return task;
  }

  /** Takes out all from that number on. */
  takeFrom(seq: number): Task<unknown>[] {
    const taken: Task<unknown>[] = [];
    while (this.size > 0 && !isBefore(this.#tasks.at(-1)!.ticket, seq)) {
      taken.push(this.#tasks.pop()!);
      this.expectedMs -= this.#costs.pop()!;
    }
    if (this.size === 0) this.clear();
    return taken.reverse();
  }

  /** Takes out the calls from that number to before the other, wherever they are. */
  takeRange(first: number, end: number): Task<unknown>[] {
    const isIn = ({ ticket }: Task<unknown>): boolean => !isBefore(ticket, first) && isBefore(ticket, end);
    const all = [...this];
    const costs = this.#costs.slice(this.#head);
    this.clear();
    all.forEach((task, index) => {
      if (isIn(task)) return;
      this.#tasks.push(task);
      this.#costs.push(costs[index]!);
      this.expectedMs += costs[index]!;
    });
    return all.filter(isIn);
  }

  clear(): void {
    this.#tasks = [];
    this.#costs = [];
    this.#head = 0;
    // Sums of fractions drift.
    this.expectedMs = 0;
  }

  has(task: Task<unknown>): boolean {
    return this.#indexOf(task) !== -1;
  }

  find(taskId: number): Task<unknown> | undefined {
    return this.#tasks.find(({ id }, index) => id === taskId && index >= this.#head);
  }

  progress(task: Task<unknown>, words: Words): Progress {
    return progressOf(words, task.ticket, this.#tasks[this.#indexOf(task) + 1]?.ticket);
  }

  #indexOf(task: Task<unknown>): number {
    return this.#tasks.indexOf(task, this.#head);
  }
}
