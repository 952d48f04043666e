/**
 * What tasks report while they run, for whoever looks at `task.progress`.
 *
 * The latest {@link MOST_KEPT} reports of a task are kept, whether somebody reads them or not: a reader that is slower than its task
 * misses the oldest ones, a task never waits for a reader. Nothing is made for a task that reports nothing and is not looked at.
 */

import { onSettled } from "./settled.ts";

/** A progress bar needs one; a log of the last steps a few. */
const MOST_KEPT = 64;

class Progress {
  readonly #kept: unknown[] = [];
  /** The number of the first one that is kept. */
  #first = 0;
  #ended = false;
  readonly #waiting = new Set<() => void>();

  add(value: unknown): void {
    this.#kept.push(value);
    if (this.#kept.length > MOST_KEPT) {
      this.#kept.shift();
      this.#first++;
    }
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *read(): AsyncGenerator<unknown, undefined> {
    for (let at = this.#first; ;) {
      at = Math.max(at, this.#first);
      if (at < this.#first + this.#kept.length) yield this.#kept[at++ - this.#first];
      else if (this.#ended) return undefined;
      else await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

const all = new WeakMap<object, Progress>();

export function addReport(task: object, value: unknown): void {
  progressOf(task).add(value);
}

/** Each loop over it reads from the oldest that is kept. */
export function readProgress(task: object, isOpen: boolean): AsyncIterable<unknown> {
  const reports = progressOf(task);
  if (!isOpen) reports.end();
  return { [Symbol.asyncIterator]: () => reports.read() };
}

function progressOf(task: object): Progress {
  const known = all.get(task);
  if (known !== undefined) return known;
  const made = new Progress();
  all.set(task, made);
  onSettled(task, () => made.end());
  return made;
}
