/**
 * The words of a child process, in a file. What was written stays when the writer is killed. A write takes about 1.5 µs, a read 1.1
 * (Linux, ext4); a child does one of each for a call.
 *
 * Who has a call: see recalls.ts. Each word stands there twice and is read until both are the same, because a file system may let
 * a reader see a write in parts, although POSIX forbids it.
 */
import { closeSync, readSync, writeSync } from "node:fs";
import { type Kept, KeptResults } from "./kept-results.ts";
import { begunTo, decide, isMine, type Taken } from "./recalls.ts";
import { MEMORY_UNIT_BYTES, type Words } from "./words.ts";

/** Of results that wait in the child. Each is written with the claim of the next call, in the same system call. */
const PLACES = 64;

// Offsets in bytes.
const STARTED_AT = KeptResults.bytes(PLACES);
const CLAIMED = STARTED_AT + 8;
const RECALLED = STARTED_AT + 16;
const TAKEN = STARTED_AT + 24;
const SENT = STARTED_AT + 40;
const LOOKED = STARTED_AT + 48;
const STOP = STARTED_AT + 56;
const LOADING = STARTED_AT + 64;
const MEMORY = STARTED_AT + 72;
export const FILE_WORDS_BYTES = STARTED_AT + 80;

/** Main needs a few microseconds to decide, unless it has just lost its CPU, perhaps to the child that waits for it. */
const LOOKS = 20;
const NAP_MS = 1;
/** A write in parts lasts for nanoseconds. Not for ever, whatever may have happened to the file. */
const TRIES = 1_000;
/** Long before a number comes round. */
const OLD = 1 << 30;

const nap = new Int32Array(new SharedArrayBuffer(4));

export class FileWords implements Words {
  #fd: number;
  readonly #word = Buffer.alloc(8);
  /** The kept results, `startedAt` and `claimed`. */
  readonly #begin = Buffer.from(new ArrayBuffer(RECALLED));
  readonly #kept = new KeptResults(this.#begin.buffer, 0, PLACES);
  /** Child: up to where results have left. */
  #left = 0;
  /** Child: from where on {@link FileWords.claim} has to write, so that main sees the last kept result, too. */
  #from = STARTED_AT;
  /** `recalled` and what was taken. */
  readonly #recall = Buffer.alloc(24);
  /** Main: what was taken back last. */
  #taken: Taken = { from: 0, end: 0 };

  constructor(fd: number) {
    this.#fd = fd;
  }

  claim(seq: number, startedAt: number): boolean {
    this.#begin.writeDoubleLE(startedAt, STARTED_AT);
    writeTwice(this.#begin, (seq + 1) | 0, CLAIMED);
    // What is between the result and the words is in the file as it is here: one long write takes less than two short ones.
    writeSync(this.#fd, this.#begin, this.#from, RECALLED - this.#from, this.#from);
    this.#from = STARTED_AT;
    for (let look = 1; ; look++) {
      const mine = this.#look(seq);
      if (mine !== undefined) return mine;
      if (look > LOOKS) Atomics.wait(nap, 0, 0, NAP_MS);
    }
  }

  #look(seq: number): boolean | undefined {
    const buffer = this.#recall;
    readSync(this.#fd, buffer, 0, 24, RECALLED);
    // Read in parts, `recalled` was written while we read it, so main will read our claim after that. Not so what was taken.
    const [from, end] = [buffer.readInt32LE(8), buffer.readInt32LE(12)];
    const isWhole = from === buffer.readInt32LE(16) && end === buffer.readInt32LE(20);
    const recalled = buffer.readInt32LE(0);
    return isMine(seq, recalled, { from, end: isWhole ? end : ~recalled });
  }

  takeBack(end: number): number {
    this.#store(RECALLED, end);
    const claimed = this.#load(CLAIMED);
    const first = begunTo(claimed, this.#taken);
    this.#decide(decide(claimed, this.#taken, end));
    return first;
  }

  /** Main, before it sends the call with that number: what was taken back so long ago must not be mistaken for the next ones. */
  age(first: number): void {
    if (((first - this.#taken.end) | 0) < OLD) return;
    this.#store(RECALLED, first);
    this.#decide({ from: first, end: first });
  }

  #decide(taken: Taken): void {
    const buffer = this.#recall;
    for (const at of [0, 8]) {
      buffer.writeInt32LE(taken.from, at);
      buffer.writeInt32LE(taken.end, at + 4);
    }
    writeSync(this.#fd, buffer, 0, 16, TAKEN);
    this.#taken = taken;
  }

  keep(seq: number, startedAt: number, runMs: number, value: unknown): boolean {
    const isFree = ((seq - this.#left) | 0) < PLACES;
    if (!isFree || !this.#kept.keep(seq, startedAt, runMs, value)) return false;
    this.#from = Math.min(this.#from, this.#kept.offsetOf(seq));
    return true;
  }
  kept(seq: number): Kept | undefined {
    readSync(this.#fd, this.#begin, 0, STARTED_AT, 0);
    return this.#kept.read(seq);
  }
  leave(end: number): void {
    this.#from = STARTED_AT;
    this.#left = end;
    this.#store(SENT, end);
  }
  get claimed(): number {
    return begunTo(this.#load(CLAIMED), this.#taken);
  }
  get sent(): number {
    return this.#load(SENT);
  }
  get startedAt(): number {
    const word = this.#word;
    for (let tries = 0; tries < TRIES; tries++) {
      readSync(this.#fd, word, 0, 8, STARTED_AT);
      const at = word.readDoubleLE();
      readSync(this.#fd, word, 0, 8, STARTED_AT);
      if (at === word.readDoubleLE()) break;
    }
    return word.readDoubleLE();
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
  weigh(bytes: number): void {
    this.#store(MEMORY, bytes / MEMORY_UNIT_BYTES);
  }
  get memoryBytes(): number {
    return this.#load(MEMORY) * MEMORY_UNIT_BYTES;
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
    writeTwice(this.#word, value, 0);
    writeSync(this.#fd, this.#word, 0, 8, offset);
  }

  #load(offset: number): number {
    for (let tries = 0; tries < TRIES; tries++) {
      readSync(this.#fd, this.#word, 0, 8, offset);
      if (this.#word.readInt32LE(0) === this.#word.readInt32LE(4)) break;
    }
    return this.#word.readInt32LE(0);
  }
}

function writeTwice(buffer: Buffer, value: number, at: number): void {
  buffer.writeInt32LE(value | 0, at);
  buffer.writeInt32LE(value | 0, at + 4);
}
