/**
 * A few numbers that main and one worker both see at any time, also while one of them is too busy to receive a message and
 * after the worker was killed. Threads share memory; processes share a small unlinked file.
 *
 * | word      | written by | holds                                                         |
 * | --------- | ---------- | ------------------------------------------------------------- |
 * | `loading` | worker     | the last task whose function it had to import first           |
 * | `claimed` | worker     | the last task that it began: a death before that lost nothing  |
 * | `sent`    | worker     | the last task whose result has left                           |
 * | `looked`  | worker     | the last task that looked at its signal                       |
 * | `stop`    | main       | the task that should end                                      |
 *
 * A word has one writer and is read for equality with a task id, so plain stores are enough. Ids are cut to 32 bits: they
 * would have to come round within one worker's task to be mistaken.
 */
import { closeSync, readSync, writeSync } from "node:fs";
import type { StopFlag } from "../core/current-task.ts";

export interface Words extends StopFlag {
  load(taskId: number): void;
  claim(taskId: number): void;
  send(taskId: number): void;
  requestStop(taskId: number): void;
  isLoading(taskId: number): boolean;
  hasClaimed(taskId: number): boolean;
  hasSent(taskId: number): boolean;
  hasLooked(taskId: number): boolean;
}

const CLAIMED = 0;
const SENT = 1;
const LOOKED = 2;
const STOP = 3;
const LOADING = 4;
/** Only in shared memory: what a sleeping thread waits on. */
const WAKE = 5;
const COUNT = 6;

export class SharedWords implements Words {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(COUNT * Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  load(taskId: number): void {
    Atomics.store(this.#words, LOADING, taskId | 0);
  }
  claim(taskId: number): void {
    Atomics.store(this.#words, CLAIMED, taskId | 0);
  }
  send(taskId: number): void {
    Atomics.store(this.#words, SENT, taskId | 0);
  }
  look(taskId: number): void {
    Atomics.store(this.#words, LOOKED, taskId | 0);
  }
  requestStop(taskId: number): void {
    Atomics.store(this.#words, STOP, taskId | 0);
  }
  isLoading(taskId: number): boolean {
    return Atomics.load(this.#words, LOADING) === (taskId | 0);
  }
  hasClaimed(taskId: number): boolean {
    return Atomics.load(this.#words, CLAIMED) === (taskId | 0);
  }
  hasSent(taskId: number): boolean {
    return Atomics.load(this.#words, SENT) === (taskId | 0);
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

const WORD_BYTES = Int32Array.BYTES_PER_ELEMENT;

/** The same words in a file: about 1 µs each, measured on Linux. Whole words, so a reader never sees half. */
export class FileWords implements Words {
  #fd: number;
  readonly #word = Buffer.alloc(WORD_BYTES);

  constructor(fd: number) {
    this.#fd = fd;
  }

  load(taskId: number): void {
    this.#store(LOADING, taskId);
  }
  claim(taskId: number): void {
    this.#store(CLAIMED, taskId);
  }
  send(taskId: number): void {
    this.#store(SENT, taskId);
  }
  look(taskId: number): void {
    this.#store(LOOKED, taskId);
  }
  requestStop(taskId: number): void {
    this.#store(STOP, taskId);
  }
  isLoading(taskId: number): boolean {
    return this.#holds(LOADING, taskId);
  }
  hasClaimed(taskId: number): boolean {
    return this.#holds(CLAIMED, taskId);
  }
  hasSent(taskId: number): boolean {
    return this.#holds(SENT, taskId);
  }
  hasLooked(taskId: number): boolean {
    return this.#holds(LOOKED, taskId);
  }
  stopRequested(taskId: number): boolean {
    return this.#holds(STOP, taskId);
  }

  /** The number of a closed file is soon another file's: from now on every use throws. */
  close(): void {
    closeSync(this.#fd);
    this.#fd = -1;
  }

  #store(index: number, value: number): void {
    this.#word.writeInt32LE(value | 0);
    writeSync(this.#fd, this.#word, 0, WORD_BYTES, index * WORD_BYTES);
  }

  #holds(index: number, value: number): boolean {
    // A word that was never written lies behind the end of the file.
    if (readSync(this.#fd, this.#word, 0, WORD_BYTES, index * WORD_BYTES) < WORD_BYTES) return false;
    return this.#word.readInt32LE() === (value | 0);
  }
}
