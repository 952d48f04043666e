/**
 * What an orderly end of the program has to wait for, beside the services and the executors: told by whoever began it, asked by
 * whoever ends the program. Neither knows the other.
 */
import { sharedInRealm } from "./realm.ts";

/** Resolves when its part is over. It must keep to the time that it is given. */
export type AtShutdown = (timeoutMs: number) => Promise<unknown>;

const hooks = sharedInRealm("at-shutdown", () => new Set<AtShutdown>());

/** Returns what takes it back. */
export function atShutdown(hook: AtShutdown): () => void {
  hooks.add(hook);
  return () => void hooks.delete(hook);
}

export function shutdownHooks(): readonly AtShutdown[] {
  return [...hooks];
}
