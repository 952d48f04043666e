/**
 * What `context()` gave in the samples of a turn. The values stay in this thread: nothing is copied.
 */
import { isPromise } from "node:util/types";
import type { Stall } from "./stall.ts";

/** A turn that takes on more than that is a flood of callbacks; arbitrary. */
const MOST = 100;

export class StallContexts {
  readonly #context: (() => unknown) | undefined;
  #turn = -1;
  #counts = new Map<unknown, number>();

  constructor(context: (() => unknown) | undefined) {
    this.#context = context;
  }

  /** Runs on the blocked stack. */
  sampled(turn: number): void {
    if (this.#context === undefined) return;
    if (turn !== this.#turn) {
      this.#turn = turn;
      this.#counts = new Map();
    }
    let value: unknown;
    try {
      value = this.#context();
      // An async function throws later, which would end the program.
      if (isPromise(value)) value.catch(() => {});
    } catch {
      // The program's code must not notice that it was asked.
      return;
    }
    if (value === undefined) return;
    if (this.#counts.has(value) || this.#counts.size < MOST) {
      this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
    }
  }

  /** Most frequent first. */
  of(turn: number): Stall["contexts"] {
    if (turn !== this.#turn) return [];
    return [...this.#counts]
      .map(([value, samples]) => ({ value, samples }))
      .toSorted((a, b) => b.samples - a.samples);
  }
}
