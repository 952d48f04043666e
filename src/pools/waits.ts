/**
 * Functions of main that wait, and whether that can end before they do.
 *
 * A worker is stuck when a task of it waits for a function on main, and that for something which cannot go on as long as stuck workers do
 * not: the largest set of workers of which that is true, over all executors. Who begins to wait adds to it, so that is when it is looked for.
 */
import type { Needs } from "../dispatch/needs.ts";

/** An executor's part in it. */
export interface Pool {
  readonly options: { readonly maxWorkers: number };
}

export interface Wait {
  readonly pool: Pool;
  /** It has not begun to go on. */
  isOpen(): boolean;
  /** Nobody waits any more. */
  isOver(): boolean;
  needs(): Needs;
  refuse(): void;
}

/** One with calls to main that were not answered. */
export interface CallingWorker {
  readonly pool: Pool;
  readonly workerId: number;
  /** Of functions that tasks which have not settled wait for. */
  waits(): Iterable<Wait>;
}

export const callingWorkers = new Set<CallingWorker>();

/** Whether it cannot go on before the worker does for which it is. */
export function cannotEnd(wait: Wait): boolean {
  const stuck = new Set(callingWorkers);
  // Most are not even if all others were, and these cost no look at the others' waits.
  if (!isHeldUp(wait, stuck)) return false;
  for (let before = -1; before !== stuck.size;) {
    before = stuck.size;
    for (const worker of stuck) if (!hasOneHeldUp(worker, stuck)) stuck.delete(worker);
  }
  return isHeldUp(wait, stuck);
}

/** There are fewer workers than there were. */
export function refuseStuck(): void {
  for (const worker of callingWorkers) {
    for (const wait of worker.waits()) if (cannotEnd(wait)) wait.refuse();
  }
}

function hasOneHeldUp(worker: CallingWorker, stuck: ReadonlySet<CallingWorker>): boolean {
  for (const wait of worker.waits()) if (isHeldUp(wait, stuck)) return true;
  return false;
}

function isHeldUp(wait: Wait, stuck: ReadonlySet<CallingWorker>): boolean {
  if (!wait.isOpen()) return false;
  const ids = new Set<number>();
  for (const { pool, workerId } of stuck) if (pool === wait.pool) ids.add(workerId);
  // A worker that is stuck can neither become free nor have no call.
  const needs = wait.needs();
  if (needs === "any") return ids.size >= wait.pool.options.maxWorkers;
  if (needs === "all") return ids.size > 0;
  return "oneOf" in needs ? needs.oneOf.every((id) => ids.has(id)) : needs.allOf.some((id) => ids.has(id));
}
