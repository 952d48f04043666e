/**
 * Stores of `AsyncLocalStorage`s that go along with calls, by name.
 */
import type { AsyncLocalStorage } from "node:async_hooks";
import { openTelemetry, TRACEPARENT, traceStorage } from "./opentelemetry.ts";
import { sharedInRealm } from "./realm.ts";

/** By the name of their storage. A name whose storage had none is there, too. */
export type Stores = Readonly<Record<string, unknown>>;

const contexts = sharedInRealm("contexts", () => ({
  byName: new Map<string, AsyncLocalStorage<unknown>>(),
  ofTasks: new WeakMap<object, Stores>(),
  // Most programs have none: one flag spares them a lookup for each call.
  areUsed: false,
}));

/**
 * Gives a storage a name, under which its store goes along with the calls of executors that list it in their `context`. Call it at the top level of the
 * module that makes the storage: a worker that imports the module then knows it as well. There a copy of the store is entered around the
 * function; in what the function runs on main it is the store itself again. A name that is registered again stands for the new storage.
 *
 * @throws TypeError for a name that is not a non-empty string, and for something that is not an AsyncLocalStorage.
 * @example
 * ```js context.mjs
 * import { AsyncLocalStorage } from "node:async_hooks";
 * import { registerContext } from "offloop";
 *
 * export const request = new AsyncLocalStorage();
 * registerContext("request", request);
 * ```
 */
export function registerContext<T>(name: string, storage: AsyncLocalStorage<T>): void {
  if (typeof name !== "string" || name === "") {
    throw new TypeError(`registerContext: name must be a non-empty string, got ${String(name)}`);
  }
  const { getStore, run } = (storage ?? {}) as Partial<AsyncLocalStorage<T>>;
  if (typeof getStore !== "function" || typeof run !== "function") {
    throw new TypeError("registerContext: storage must be an AsyncLocalStorage");
  }
  contexts.byName.set(name, storage);
}

/** @throws TypeError naming what is not registered */
export function checkContexts(names: readonly string[] | undefined, owner: string): void {
  const missing = names?.find((name) => storageOf(name) === undefined);
  if (missing === undefined) return;
  if (missing === TRACEPARENT) {
    throw new TypeError(
      `${owner}: option "context" names "${TRACEPARENT}", which needs the package @opentelemetry/api: npm install @opentelemetry/api`,
    );
  }
  const known = [...contexts.byName.keys()].map((name) => JSON.stringify(name)).join(", ") || "none";
  throw new TypeError(
    `${owner}: option "context" names ${JSON.stringify(missing)}, which is not registered (registered: ${known}). ` +
      `Call registerContext(${JSON.stringify(missing)}, storage) before.`,
  );
}

/** What goes along with a task. */
export function keepStores(task: object, stores: Stores): void {
  contexts.areUsed = true;
  contexts.ofTasks.set(task, stores);
}

/** Another one, for that task alone. */
export function keepStore(task: object, name: string, store: unknown): void {
  contexts.ofTasks.set(task, { ...contexts.ofTasks.get(task), [name]: store });
}

export function storesOf(task: object): Stores | undefined {
  return contexts.areUsed ? contexts.ofTasks.get(task) : undefined;
}

export function storesNow(names: readonly string[]): Stores {
  return Object.fromEntries(names.map((name) => [name, storageOf(name)?.getStore()]));
}

/** Those that are not what was entered. */
export function changedStores(entered: Stores): Stores | undefined {
  const changed = Object.entries(storesNow(Object.keys(entered))).filter(
    ([name, store]) => hasStore(name, store) && store !== entered[name],
  );
  return changed.length === 0 ? undefined : Object.fromEntries(changed);
}

/** Of a program's own storage `undefined` is a store. A trace that is not known here goes on all the same. */
function hasStore(name: string, store: unknown): boolean {
  return contexts.byName.has(name) || store !== undefined;
}

type Storage = Pick<AsyncLocalStorage<unknown>, "getStore"> & { run<T>(store: unknown, run: () => T): T };

function storageOf(name: string): Storage | undefined {
  const registered = contexts.byName.get(name);
  if (registered !== undefined || name !== TRACEPARENT) return registered;
  return openTelemetry() === undefined ? undefined : traceStorage;
}

/** A storage that is not known here is left out: nobody could read it. */
export function enterStores<T>(stores: Stores, run: () => T): T {
  return Object.entries(stores).reduceRight<() => T>((inner, [name, store]) => {
    const storage = storageOf(name);
    return storage === undefined ? inner : () => storage.run(store, inner);
  }, run)();
}
