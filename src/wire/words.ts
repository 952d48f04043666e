/**
 * A few numbers that main and one worker both see at any time, also while one of them is too busy to receive a message and
 * after the worker was killed. Threads share memory; processes share a small unlinked file.
 *
 * | word        | written by | holds                                                                  |
 * | ----------- | ---------- | ---------------------------------------------------------------------- |
 * | `claimed`   | both       | which calls have begun, see claims.ts (in a file: recalls.ts)          |
 * | `sent`      | worker     | whose results have left, see claims.ts                                 |
 * | `startedAt` | worker     | when the call that began last did, on the machine's monotonic clock, ms |
 * | `loading`   | worker     | the last task whose function it had to import first                    |
 * | `looked`    | worker     | the last task that looked at its signal                                |
 * | `stop`      | main       | the task that should end                                               |
 * | `memory`    | worker     | how much it takes, in KiB, where that is limited                       |
 *
 * `loading`, `looked` and `stop` have one writer and are read for equality with a task id, so plain stores are enough. Ids are cut to 32
 * bits: they would have to come round within one worker's task to be mistaken.
 */
import type { StopFlag } from "../core/current-task.ts";
import { type Cells, claim, CLAIMED, leave, SENT, takeBack } from "./claims.ts";
import { type Kept, KeptResults } from "./kept-results.ts";

export interface Words extends StopFlag {
  /** Worker: begins a call, at `startedAt`. False: main has taken it back. */
  claim(seq: number, startedAt: number): boolean;
  /** Worker: the result may wait for others to leave with: main can read it from here. False: not this one, it must leave now. */
  keep(seq: number, startedAt: number, runMs: number, value: unknown): boolean;
  /** Main: the result of a call that has ended, if it was kept. */
  kept(seq: number): Kept | undefined;
  /** Worker: the results of all calls before `end` leave now. */
  leave(end: number): void;
  load(taskId: number): void;
  isLoading(taskId: number): boolean;
  hasLooked(taskId: number): boolean;
  requestStop(taskId: number): void;
  /** Worker: so much memory it takes. */
  weigh(bytes: number): void;
  /** Main: takes back what has not begun. Returns the number of the first such call; `end`, the next to be sent, if there is none. */
  takeBack(end: number): number;
  readonly claimed: number;
  readonly sent: number;
  readonly startedAt: number;
  /** Main: how much memory the worker takes, as it told. */
  readonly memoryBytes: number;
}

/** The word's unit: more than 2 TiB does not fit, and no worker takes that. */
export const MEMORY_UNIT_BYTES = 1_024;

const LOOKED = 2;
const STOP = 3;
const LOADING = 4;
/** What a sleeping thread waits on. */
const WAKE = 5;
const MEMORY = 6;
/** In bytes, behind the others and aligned. */
const STARTED_AT = 32;
const KEPT = 40;
/**
 * How many calls a thread may have: a kept result must not take the place of another that main has not read. Each message costs both sides 5
 * to 20 µs, so with short calls half as many cost a tenth more.
 */
export const MOST_IN_FLIGHT = 512;
const BYTES = KEPT + KeptResults.bytes(MOST_IN_FLIGHT);

class AtomicCells implements Cells {
  readonly #words: Int32Array;

  constructor(words: Int32Array) {
    this.#words = words;
  }
  load(index: number): number {
    return Atomics.load(this.#words, index);
  }
  store(index: number, value: number): void {
    Atomics.store(this.#words, index, value);
  }
  compareExchange(index: number, expected: number, value: number): number {
    return Atomics.compareExchange(this.#words, index, expected, value);
  }
  exchange(index: number, value: number): number {
    return Atomics.exchange(this.#words, index, value);
  }
}

export class SharedWords implements Words {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #cells: Cells;
  readonly #startedAt: Float64Array;
  readonly #kept: KeptResults;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(BYTES)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
    this.#cells = new AtomicCells(this.#words);
    this.#startedAt = new Float64Array(buffer, STARTED_AT, 1);
    this.#kept = new KeptResults(buffer, KEPT, MOST_IN_FLIGHT);
  }

  claim(seq: number, startedAt: number): boolean {
    // First: whoever sees that the call has begun must not see when another one did, long ago.
    this.#startedAt[0] = startedAt;
    return claim(this.#cells, seq);
  }
  keep(seq: number, startedAt: number, runMs: number, value: unknown): boolean {
    return this.#kept.keep(seq, startedAt, runMs, value);
  }
  kept(seq: number): Kept | undefined {
    return this.#kept.read(seq);
  }
  leave(end: number): void {
    leave(this.#cells, end);
  }
  takeBack(end: number): number {
    return takeBack(this.#cells, end);
  }
  get claimed(): number {
    return this.#cells.load(CLAIMED);
  }
  get sent(): number {
    return this.#cells.load(SENT);
  }
  get startedAt(): number {
    // No atomic access to a float: where the machine writes it in two halves, two readings differ.
    for (let at = this.#startedAt[0]!; ; at = this.#startedAt[0]!) {
      if (at === this.#startedAt[0]!) return at;
    }
  }

  load(taskId: number): void {
    Atomics.store(this.#words, LOADING, taskId | 0);
  }
  look(taskId: number): void {
    Atomics.store(this.#words, LOOKED, taskId | 0);
  }
  requestStop(taskId: number): void {
    Atomics.store(this.#words, STOP, taskId | 0);
  }
  weigh(bytes: number): void {
    Atomics.store(this.#words, MEMORY, bytes / MEMORY_UNIT_BYTES);
  }
  get memoryBytes(): number {
    return Atomics.load(this.#words, MEMORY) * MEMORY_UNIT_BYTES;
  }
  isLoading(taskId: number): boolean {
    return Atomics.load(this.#words, LOADING) === (taskId | 0);
  }
  hasLooked(taskId: number): boolean {
    return Atomics.load(this.#words, LOOKED) === (taskId | 0);
  }
  stopRequested(taskId: number): boolean {
    return Atomics.load(this.#words, STOP) === (taskId | 0);
  }

  /** Main: a message is there. Cheap when nobody sleeps. */
  wake(): void {
    Atomics.add(this.#words, WAKE, 1);
    Atomics.notify(this.#words, WAKE, 1);
  }

  /** What {@link SharedWords.sleep} compares with. Read it before looking for messages, else a wake-up is missed. */
  wakeCount(): number {
    return Atomics.load(this.#words, WAKE);
  }

  /** Worker: blocks the thread until {@link SharedWords.wake}, at the most `ms`. False when the time was up. */
  sleep(seen: number, ms: number): boolean {
    return Atomics.wait(this.#words, WAKE, seen, ms) !== "timed-out";
  }
}
