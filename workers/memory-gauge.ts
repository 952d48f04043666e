/**
 * Tells main between two calls how much memory this worker takes, where that is limited: a thread's heap and what hangs on it outside,
 * a child's resident memory. Garbage that was not collected yet counts, because nobody can tell it apart.
 */
import { getHeapStatistics } from "node:v8";
import type { Words } from "../src/wire/words.ts";

/** A look takes 2 µs in a thread and 10 in a child: behind short calls it is not taken each time. */
const REST_MS = 1;

export class MemoryGauge {
  readonly #words: Words;
  readonly #read: () => number;
  #lastAt = -Infinity;

  constructor(words: Words, kind: "thread" | "process") {
    this.#words = words;
    this.#read = kind === "thread" ? isolateBytes : () => process.memoryUsage.rss();
  }

  /** Before the answer leaves, so that main knows when it has that. */
  look(now: number): void {
    if (now - this.#lastAt < REST_MS) return;
    this.#lastAt = now;
    this.#words.weigh(this.#read());
  }
}

function isolateBytes(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}
