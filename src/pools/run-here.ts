/**
 * A call that is made inside a task runs right here: the worker is the thread that was asked for, and a queue behind the
 * task that waits for it would never move. Limits, keys and the executor itself have no meaning here; `signal` is honoured
 * before the call and while it awaits.
 */
import { abortError } from "../core/is-abort.ts";
import type { CallOptions } from "../core/call-options.ts";
import { systemClock } from "../core/clock.ts";
import { scopes } from "../core/current-task.ts";
import { functionHandle } from "../core/function-handle.ts";
import { onAbort } from "../core/on-abort.ts";
import { ownWorker } from "../core/realm.ts";
import { began, handOver, settle, Task, type TaskOwner } from "../core/task.ts";
import { plainFunction } from "../travel/threaded-mark.ts";

/** In one of this library's workers, or in a task of the inline executor. */
export function insideTask(): boolean {
  return ownWorker() !== undefined || scopes.storage?.getStore() !== undefined;
}

const here: TaskOwner = {
  clock: systemClock,
  cancel: (task, reason) => settle(task, "cancelled", reason ?? abortError()),
};

export function runHere<A extends unknown[], R>(
  fn: (...args: A) => R,
  args: A,
  options: CallOptions,
): Task<Awaited<R>> {
  const plain = (plainFunction(fn) ?? fn) as (...args: unknown[]) => unknown;
  const task = new Task<unknown>(here, functionHandle(plain, null), args, options);
  const { signal } = options;
  if (signal?.aborted === true) {
    settle(task, "cancelled", signal.reason);
  } else {
    if (signal !== undefined) {
      const stop = onAbort(signal, () => void settle(task, "cancelled", signal.reason));
      task.watch = { waiting() {}, pausing() {}, takenBack() {}, sent() {}, stop };
    }
    const startedAt = systemClock.now();
    handOver(task, { id: ownWorker()?.id ?? 0, hasBegun: () => true, startedAt: () => startedAt });
    began(task, startedAt);
    void run(task, plain, args);
  }
  return task as Task<Awaited<R>>;
}

async function run(task: Task<unknown>, fn: (...args: unknown[]) => unknown, args: unknown[]): Promise<void> {
  try {
    settle(task, "fulfilled", await fn(...args));
  } catch (error) {
    settle(task, "rejected", error);
  }
}
