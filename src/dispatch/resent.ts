/**
 * How often a call was sent in another way, because a worker did not find one of its functions. Few ever are, so tasks have no
 * field for it.
 */
import type { Task } from "../core/task.ts";

// Each time one more module is known that workers cannot import, so a function that uses many of those takes as many.
// Arbitrary; calls that teach each other nothing must end some time.
const MOST_WAYS = 20;

const resent = new WeakMap<Task<unknown>, number>();

/** Not counted as a send: nobody died of it. False when it was tried often enough. */
export function sendAnotherWay(task: Task<unknown>): boolean {
  const ways = (resent.get(task) ?? 0) + 1;
  resent.set(task, ways);
  task.sends--;
  return ways < MOST_WAYS;
}
