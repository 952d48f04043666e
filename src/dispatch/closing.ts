/**
 * One shutdown, from the first call of it to its report.
 *
 * 1. Nothing more is taken. With `cancelPending`, what waits is cancelled.
 * 2. What runs and waits may end, until the time is up.
 * 3. Then what waits is cancelled and what runs is ended.
 * 4. The workers end, idle ones after their finalizer.
 */
import type { Clock } from "../core/clock.ts";
import type { Deadlines } from "../core/deadlines.ts";
import type { ShutdownReport } from "../core/executor.ts";
import type { Task } from "../core/task.ts";

export interface ShutdownLimits {
  readonly cancelPending: boolean;
  readonly timeoutMs: number;
}

/** What a shutdown does to its executor. */
export interface Closable {
  unsettled(): readonly Task<unknown>[];
  idle(): Promise<void>;
  waiting(): readonly Task<unknown>[];
  running(): readonly Task<unknown>[];
  /** Settles the task as cancelled. */
  end(task: Task<unknown>, killed: boolean): void;
  dismiss(): Promise<void>;
}

type Named = { readonly id: number; readonly name: string };

export async function close(
  executor: Closable,
  { cancelPending, timeoutMs }: ShutdownLimits,
  clock: Clock,
  deadlines: Deadlines,
): Promise<ShutdownReport> {
  const startedAt = clock.now();
  // Calls that come while it drains are refused; they are none of its work.
  const work = executor.unsettled();
  const cancelled: Named[] = [];
  const killed: Named[] = [];
  const end = (tasks: readonly Task<unknown>[], list: Named[], kill: boolean): void => {
    for (const task of tasks) {
      list.push(Object.freeze({ id: task.id, name: task.name }));
      executor.end(task, kill);
    }
  };
  if (cancelPending) end(executor.waiting(), cancelled, false);
  const timedOut = !(await inTime(executor.idle(), timeoutMs, deadlines));
  if (timedOut) {
    end(executor.waiting(), cancelled, false);
    end(executor.running(), killed, true);
  }
  // Not what somebody cancelled meanwhile.
  const finished = work.filter(({ state }) => state === "fulfilled" || state === "rejected").length;
  await executor.dismiss();
  return Object.freeze({
    finished,
    cancelled: Object.freeze(cancelled),
    killed: Object.freeze(killed),
    timedOut,
    durationMs: clock.now() - startedAt,
  });
}

async function inTime(done: Promise<void>, timeoutMs: number, deadlines: Deadlines): Promise<boolean> {
  if (timeoutMs === Infinity) return done.then(() => true);
  return new Promise((resolve) => {
    const deadline = deadlines.after(timeoutMs, () => resolve(false));
    void done.then(() => {
      deadline.stop();
      resolve(true);
    });
  });
}
