/**
 * The stacks of tasks in one child process. A thread beside its main thread answers, so that a task that hangs can be asked.
 */
import type { Socket } from "node:net";
import { systemClock } from "../core/clock.ts";
import type { StackFrame } from "../core/errors.ts";
import { readLines, type StackAnswer, writeLine } from "../wire/stack-lines.ts";

// Before a test can fake it.
const { setImmediate } = globalThis;

export class ChildStacks {
  readonly #pipe: Socket;
  readonly #waiting = new Map<number, (frames: StackFrame[] | undefined) => void>();
  #ids = 0;

  constructor(pipe: Socket) {
    this.#pipe = pipe;
    pipe.unref();
    readLines<StackAnswer>(pipe, ({ id, frames }) => this.#waiting.get(id)?.(frames));
    pipe.once("close", () => this.#waiting.forEach((settle) => settle(undefined)));
  }

  /** Never rejects. Undefined: no answer in time, or the task does not run any more. */
  read(taskId: number, withinMs: number): Promise<StackFrame[] | undefined> {
    if (this.#pipe.destroyed) return Promise.resolve(undefined);
    const id = ++this.#ids;
    return new Promise((resolve) => {
      const settle = (frames: StackFrame[] | undefined): void => {
        stopTimer();
        this.#waiting.delete(id);
        resolve(frames);
      };
      // Where this loop was blocked itself, the answer may be there and not be read: it gets one more turn.
      const stopTimer = systemClock.after(withinMs, () => setImmediate(() => settle(undefined)));
      this.#waiting.set(id, settle);
      writeLine(this.#pipe, { id, taskId, withinMs });
    });
  }
}
