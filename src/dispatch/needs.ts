/**
 * Which workers must have ended what they run before something can go on.
 *
 * | needs      | goes on when                                                                |
 * | ---------- | --------------------------------------------------------------------------- |
 * | `"any"`    | any worker is free: a plain call, room in the queue                          |
 * | `"all"`    | no worker has a call: the end of all work                                    |
 * | `{ oneOf }` | one of these is free: a call with a key, the next items of a stream         |
 * | `{ allOf }` | none of these has a call: a call with a key after the lanes were changed    |
 */
import type { Task } from "../core/task.ts";
import type { Assignment } from "./assignment.ts";

export type Needs =
  "any" | "all" | { readonly oneOf: readonly number[] } | { readonly allOf: readonly number[] };

/** Of a call that no worker has begun. */
export function needsOf(
  task: Task<unknown>,
  { crew, queue }: Pick<Assignment, "crew" | "queue">,
  { maxWorkers }: { readonly maxWorkers: number },
): Needs {
  const seat = queue.pinned.seatOf(task);
  if (seat !== undefined) return { oneOf: [seat.id] };
  if (task.options.key === undefined || queue.lanes === undefined) return "any";
  const before = queue.lanes.before(task, crew.size < maxWorkers ? undefined : crew.seats());
  if (before === undefined) return "any";
  const ids = before.seats.map(({ id }) => id);
  return before.needs === "one" ? { oneOf: ids } : { allOf: ids };
}
