/**
 * State that every copy of this library in one realm must share: an installed copy beside a bundled one, and in a worker
 * our own entry file beside the copy that the user's module imports. The number names the layout: copies that do not
 * agree on it do not see each other, which is safe.
 */
import { startedAs, type WorkerIdentity } from "./worker-mark.ts";

const LAYOUT = 1;

export function sharedInRealm<T extends object>(name: string, create: () => T): T {
  const slot = Symbol.for(`offloop.${LAYOUT}.${name}`);
  const host = globalThis as unknown as Record<symbol, T | undefined>;
  return (host[slot] ??= create());
}

const identity = sharedInRealm<{ worker: WorkerIdentity | undefined }>("identity", () => ({
  worker: startedAs(),
}));

/**
 * The only test for "am I in one of our workers". `isMainThread` and piscina's marker are also set in a user's own
 * workers and in test runners that run their files on threads.
 */
export function ownWorker(): WorkerIdentity | undefined {
  return identity.worker;
}

export function becomeWorker(worker: WorkerIdentity): void {
  identity.worker = worker;
}
