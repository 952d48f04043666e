/**
 * Where records and pages go: whole texts, in the order in which they came. The program writes to the same terminal, and its own
 * output is not held up by what becomes of ours.
 */
import { openSync, writeSync } from "node:fs";
import { CannotRun } from "./program.ts";

const STDERR = 2;
/** A reader that is slow is asked again that often. */
const RETRY_MS = 1;
const never = new Int32Array(new SharedArrayBuffer(4));

export class Output {
  readonly #fd: number;
  #error: Error | undefined;

  /** @throws CannotRun. Without a file it is stderr. */
  constructor(file: string | undefined) {
    try {
      this.#fd = file === undefined ? STDERR : openSync(file, "w");
    } catch (error) {
      throw new CannotRun(`cannot write to ${file}: ${(error as Error).message}`, { cause: error });
    }
  }

  /** After an error nothing more is written: half a line is followed by none. */
  write(text: string): void {
    if (this.#error !== undefined) return;
    try {
      writeAll(this.#fd, text);
    } catch (error) {
      this.#error = error as Error;
    }
  }

  /** What could not be written. Undefined for stderr: whoever read that has left, and nobody else can be told. */
  get error(): Error | undefined {
    return this.#fd === STDERR ? undefined : this.#error;
  }
}

/** Any process that shares a pipe may have made it non-blocking, as Node does with its own stderr. */
export function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length;) {
    try {
      from += writeSync(fd, bytes, from);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(never, 0, 0, RETRY_MS);
    }
  }
}
