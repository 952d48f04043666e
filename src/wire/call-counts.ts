/**
 * How far the worker of an actor has come, in memory that outlives it: when it has died they tell which call it died of. They are read only
 * then, so nothing is torn.
 *
 * What it does in order is numbered: the constructor is 0, each call has the next number, the object's disposal the last. A call of a callback
 * that goes ahead has none.
 */
import { closeSync, readSync, writeSync } from "node:fs";
import type { WorkerLostError } from "../core/errors.ts";

export interface CallCounts {
  /** Worker: the next of them begins. */
  begin(): void;
  /** Worker: what began has ended. Its answer may have left, be on its way, or never leave. */
  end(): void;
  /** Main, when the worker has gone. */
  fateOf(number: number | undefined): CallFate;
}

/** `waiting`: it had not begun. */
export type CallFate = WorkerLostError["phase"] | "waiting";

const BEGUN = 0;
const ENDED = 1;
const CELLS = 2;
const CELL_BYTES = Int32Array.BYTES_PER_ELEMENT;

export class SharedCallCounts implements CallCounts {
  readonly #cells: Int32Array;

  constructor(memory = new SharedArrayBuffer(CELLS * CELL_BYTES)) {
    this.#cells = new Int32Array(memory);
  }

  get memory(): SharedArrayBuffer {
    return this.#cells.buffer as SharedArrayBuffer;
  }

  begin(): void {
    Atomics.add(this.#cells, BEGUN, 1);
  }

  end(): void {
    Atomics.add(this.#cells, ENDED, 1);
  }

  fateOf(number: number | undefined): CallFate {
    return fateOf(number, Atomics.load(this.#cells, BEGUN), Atomics.load(this.#cells, ENDED));
  }
}

export const FILE_COUNTS_BYTES = CELLS * CELL_BYTES;

/** In a file that a child process inherits: what was written stays when the writer is killed. A write takes about 1.5 µs. */
export class FileCallCounts implements CallCounts {
  readonly #fd: number;
  readonly #cells = new Int32Array(CELLS);

  constructor(fd: number) {
    this.#fd = fd;
  }

  begin(): void {
    this.#add(BEGUN);
  }

  end(): void {
    this.#add(ENDED);
  }

  fateOf(number: number | undefined): CallFate {
    readSync(this.#fd, this.#cells, 0, FILE_COUNTS_BYTES, 0);
    return fateOf(number, this.#cells[BEGUN]!, this.#cells[ENDED]!);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #add(cell: number): void {
    this.#cells[cell]!++;
    writeSync(this.#fd, this.#cells, cell * CELL_BYTES, CELL_BYTES, cell * CELL_BYTES);
  }
}

/** Counts come round after 2³² calls, so what counts is the distance. */
function fateOf(number: number | undefined, begun: number, ended: number): CallFate {
  if (number === undefined) return "unknown";
  if (((number - ended) | 0) < 0) return "finished";
  return ((number - begun) | 0) < 0 ? "running" : "waiting";
}
