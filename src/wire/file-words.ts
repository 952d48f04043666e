/**
 * The words of a child process, in a file: about 1 µs each, measured on Linux. What was written stays when the writer is killed.
 *
 * Two processes have nothing like an atomic exchange on a file, so `claimed` has one writer here and nothing is taken back. What
 * main no longer wants is noted in a table instead, by number; the child reads that every
 * {@link FRESH_MS}, so a call that was dropped later than that before its turn runs all the same.
 */
import { closeSync, readSync, writeSync } from "node:fs";
import type { Claimed, Words } from "./words.ts";

// Offsets in bytes. The first two are written at once.
const STARTED_AT = 0;
const CLAIMED = 8;
const SENT = 12;
const LOOKED = 16;
const STOP = 20;
const LOADING = 24;
const DROPPED = 64;

/** More than may be in flight, and a power of two. */
const SLOTS = 256;
// A reading of the table costs 1 to 2 µs.
const FRESH_MS = 0.1;

export class FileWords implements Words {
  #fd: number;
  readonly #word = Buffer.alloc(4);
  readonly #double = Buffer.alloc(8);
  readonly #begin = Buffer.alloc(CLAIMED + 4);
  readonly #dropped = Buffer.alloc(SLOTS * 4);
  #freshUntil = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  claim(seq: number, startedAt: number): Claimed {
    if (startedAt > this.#freshUntil) this.#read(startedAt);
    if (this.#dropped.readInt32LE(slotOf(seq)) === noted(seq)) return "dropped";
    this.#begin.writeDoubleLE(startedAt, STARTED_AT);
    this.#begin.writeInt32LE((seq + 1) | 0, CLAIMED);
    writeSync(this.#fd, this.#begin, 0, this.#begin.length, 0);
    return "mine";
  }
  #read(now: number): void {
    this.#freshUntil = now + FRESH_MS;
    readSync(this.#fd, this.#dropped, 0, this.#dropped.length, DROPPED);
  }
  leave(end: number): void {
    this.#store(SENT, end);
  }
  takeBack(): undefined {
    return undefined;
  }
  drop(seq: number): void {
    this.#store(DROPPED + slotOf(seq), noted(seq));
  }
  get claimed(): number {
    return this.#load(CLAIMED);
  }
  get sent(): number {
    return this.#load(SENT);
  }
  get startedAt(): number {
    if (readSync(this.#fd, this.#double, 0, 8, STARTED_AT) < 8) return 0;
    return this.#double.readDoubleLE();
  }

  load(taskId: number): void {
    this.#store(LOADING, taskId);
  }
  look(taskId: number): void {
    this.#store(LOOKED, taskId);
  }
  requestStop(taskId: number): void {
    this.#store(STOP, taskId);
  }
  isLoading(taskId: number): boolean {
    return this.#load(LOADING) === (taskId | 0);
  }
  hasLooked(taskId: number): boolean {
    return this.#load(LOOKED) === (taskId | 0);
  }
  stopRequested(taskId: number): boolean {
    return this.#load(STOP) === (taskId | 0);
  }

  /** The number of a closed file is soon another file's: from now on every use throws. */
  close(): void {
    closeSync(this.#fd);
    this.#fd = -1;
  }

  #store(offset: number, value: number): void {
    this.#word.writeInt32LE(value | 0);
    writeSync(this.#fd, this.#word, 0, 4, offset);
  }

  #load(offset: number): number {
    // A word that was never written lies behind the end of the file, or in a hole of it, which reads as 0.
    if (readSync(this.#fd, this.#word, 0, 4, offset) < 4) return 0;
    return this.#word.readInt32LE();
  }
}

function slotOf(seq: number): number {
  return (seq & (SLOTS - 1)) * 4;
}

/** Never 0, which a slot holds at first, for the first two thousand million calls. */
function noted(seq: number): number {
  return (seq + 1) | 0;
}
