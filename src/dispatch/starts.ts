/**
 * What becomes of an executor when a worker has started, or could not: it is broken when no other one stands, and its next call is the
 * probe; otherwise the start is tried again later.
 */
import type { Deadlines } from "../core/deadlines.ts";
import { BrokenExecutorError } from "../core/errors.ts";
import type { Task } from "../core/task.ts";
import type { Admission } from "./admission.ts";
import type { Assignment } from "./assignment.ts";
import { StartRetry } from "./start-retry.ts";
import type { Waiters } from "./waiters.ts";

export interface StartsParts {
  readonly executor: string;
  readonly admission: Admission;
  readonly waiters: Waiters;
  readonly deadlines: Deadlines;
  readonly random: () => number;
  readonly work: () => Assignment;
  readonly reject: (task: Task<unknown>, error: unknown) => void;
}

export class Starts {
  readonly #parts: StartsParts;
  readonly #retry: StartRetry;

  constructor(parts: StartsParts) {
    this.#parts = parts;
    this.#retry = new StartRetry(parts.deadlines, parts.random, () => {
      const { crew, queue } = parts.work();
      if (queue.wanted > 0) crew.grow(queue.wanted);
    });
  }

  started(): void {
    const { crew, queue } = this.#parts.work();
    this.#parts.admission.started();
    this.#retry.started();
    queue.canStart("can");
    // A probe starts one worker; now that it stands, others may follow.
    if (queue.wanted > 1) crew.grow(queue.wanted - 1);
  }

  failed(cause: unknown): void {
    const { admission, executor, reject, waiters } = this.#parts;
    const work = this.#parts.work();
    waiters.failed(new BrokenExecutorError(executor, cause));
    if (work.crew.size === 0) {
      this.#retry.stop();
      const error = admission.failed(cause);
      for (const task of work.queue.toArray()) reject(task, error);
    } else if (work.queue.wanted > 0) {
      this.#retry.failed();
      work.queue.canStart("cannot");
      work.employIdle();
    }
  }
}
