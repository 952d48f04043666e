/**
 * What a shutdown does to a dispatcher's work. A stream counts as one task, whichever of its turns is under way.
 */
import { streamOf } from "../core/stream-turns.ts";
import { isOpen, type Task } from "../core/task.ts";
import type { Assignment } from "./assignment.ts";
import type { Closable } from "./closing.ts";
import { SHUT_DOWN } from "./why-ended.ts";

/** Tasks as users know them. */
export function unsettled(work: Assignment): Task<unknown>[] {
  const { crew, ledger, queue, retrying } = work;
  const calls = [...crew.tasks().filter(isOpen), ...queue.toArray(), ...retrying.tasks()];
  return [...withoutTurns(calls), ...ledger.streams.tasks()];
}

export function closable(work: Assignment, events: Pick<Closable, "idle" | "end">): Closable {
  const { crew, ledger } = work;
  return {
    ...events,
    unsettled: () => unsettled(work),
    waiting: () => [...withoutTurns(work.waiting()), ...ledger.streams.tasks("waiting")],
    running: () => [...withoutTurns(crew.tasks().filter(isOpen)), ...ledger.streams.tasks("begun")],
    dismiss: () => crew.dismiss(SHUT_DOWN),
  };
}

function withoutTurns(tasks: readonly Task<unknown>[]): Task<unknown>[] {
  return tasks.filter((task) => streamOf(task) === undefined);
}
