/**
 * Who wants to know that a task has settled without awaiting it, which would make its rejection a handled one.
 */
export type Settled = (state: "fulfilled" | "rejected" | "cancelled", value: unknown) => void;

const listeners = new WeakMap<object, Settled[]>();
/** Off, it costs one look at a field for each call. */
export const settledListeners = { areUsed: false };

export function onSettled(task: object, listener: Settled): void {
  settledListeners.areUsed = true;
  const others = listeners.get(task);
  if (others === undefined) listeners.set(task, [listener]);
  else others.push(listener);
}

export function tellSettled(task: object, ...outcome: Parameters<Settled>): void {
  for (const listener of listeners.get(task) ?? []) listener(...outcome);
  listeners.delete(task);
}
