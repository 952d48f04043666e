/**
 * From a class to a remote of an object that lives in a worker.
 */
import { types } from "node:util";
import { type AnyFunction, functionName } from "../core/function-handle.ts";
import { forgetUnclosed, noteUnclosed } from "../core/debug.ts";
import { describe } from "../wire/uncloneable.ts";
import { transferListOf } from "../wire/transfer.ts";
import { Actor } from "./actor.ts";
import { type ActorOptions, completeActorOptions } from "./options.ts";
import { isProxied } from "./proxy.ts";
import { remoteOf } from "./remote.ts";

/** A method of the object, called from afar: its arguments are copied, and it gives a promise. */
export type RemoteMethod<Method> = Method extends (...args: infer Args) => infer Result
  ? (...args: Args) => Promise<Awaited<Result>>
  : never;

type MethodNames<T> = {
  [Key in keyof T]: Key extends "dispose" | "constructor" | symbol
    ? never
    : T[Key] extends (...args: never[]) => unknown
      ? Key
      : never;
}[keyof T];

/** The methods of the object, and its end. Fields and accessors stay where they are. */
export type ActorRemote<T> = { readonly [Key in MethodNames<T>]: RemoteMethod<T[Key]> } & AsyncDisposable & {
    /**
     * Waits for the calls that were made, lets the object dispose of itself (`[Symbol.asyncDispose]`, else `[Symbol.dispose]`, else
     * `dispose`), and ends the worker. After `timeoutMs`, 10 000 unless set here or at the spawn, the worker is ended as it is, and
     * what was unanswered rejects with an ActorDisposedError. Calling it again meanwhile gives the
     * same end; once it has ended, however it did, there is nothing left to dispose of, and calling it resolves.
     *
     * Rejects with what the object's own disposal threw, and with a {@link WorkerLostError} when the worker died before that had run.
     * @throws TypeError, RangeError for bad options
     */
    dispose(options?: { timeoutMs?: number }): Promise<void>;
  };

/** A class that can be constructed. */
export type ActorClass<Args extends unknown[], T extends object> = new (...args: Args) => T;

/**
 * Constructs an object of the class in a thread or a child process of its own, and gives a remote of it: the same methods, as
 * promises. For what has state and blocks: a synchronous database, a parser with a cache, a native handle.
 *
 * The class gets there as functions do: by reference, else by value with what it uses. Arguments and results are copied; `transfer()`
 * moves them (threads), `proxy()` leaves them here and has them called from there. Calls run in the order in which they were made, one
 * at a time: a method that awaits keeps the next one waiting, but for calls from its own callbacks. Each call settles: when the worker
 * dies, with a {@link WorkerLostError}. An idle actor does not hold the process; one with an unanswered call does.
 *
 * Rejects with what the constructor threw, with a TravelError for a class that cannot get there, with a SerializationError for
 * arguments that cannot be copied, with a {@link WorkerLostError} when the worker died of the start, and with a TaskTimeoutError after
 * `startTimeoutMs` (30 000).
 *
 * @throws TypeError, RangeError for what is not a class, for arguments that are no array, and for bad options.
 * @example
 * ```js
 * import { spawnActor } from "offloop/actors";
 *
 * class Counter {
 *   #count;
 *   constructor(from) { this.#count = from; }
 *   add(n) { return (this.#count += n); }
 * }
 * const counter = await spawnActor(Counter, [40], { executor: "thread" });
 * console.log(await counter.add(2)); // => 42
 * await counter.dispose(); // or: await using counter = await spawnActor(…)
 * ```
 */
export function spawnActor<Args extends unknown[], T extends object>(
  Class: ActorClass<Args, T>,
  args: NoInfer<Args>,
  options: ActorOptions = {},
): Promise<ActorRemote<T>> {
  if (!isClass(Class)) {
    throw new TypeError(`spawnActor: the first argument must be a class, got ${describe(Class)}`);
  }
  const name = functionName(Class) || "(anonymous)";
  if (!Array.isArray(args)) {
    throw new TypeError(`spawnActor: the arguments of ${name} must be an array, got ${describe(args)}`);
  }
  if (typeof (Class.prototype as { then?: unknown }).then === "function") {
    const why = "its remote would be taken for a promise. Rename it";
    throw new TypeError(`spawnActor: ${name} has a method then, so ${why}.`);
  }
  const complete = completeActorOptions(options, name);
  const kept = complete.restart === "never" ? () => args : keep(args, name);
  const actor = new Actor(Class as unknown as AnyFunction, kept, complete);
  // Here the stack is still the caller's.
  const made = noteUnclosed(`The actor ${complete.name} was never disposed of`, spawnActor);
  return actor.spawn().then(
    (methods) => remoteOf({ actor, methods, made, options: complete }) as ActorRemote<T>,
    (error: unknown) => {
      forgetUnclosed(made);
      throw error;
    },
  );
}

/** A function that `new` takes: an arrow function, a method and an async function have no prototype, a generator's makes nothing. */
function isClass(value: unknown): value is new (...args: never[]) => object {
  if (typeof value !== "function" || types.isGeneratorFunction(value) || types.isProxy(value)) return false;
  return Object.hasOwn(value, "prototype") && typeof value.prototype === "object" && value.prototype !== null;
}

/** Restarts give what was given at first. @throws TypeError for what can be given once only */
function keep(args: readonly unknown[], name: string): () => readonly unknown[] {
  const moved = args.findIndex((value) => transferListOf(value) !== undefined);
  if (moved !== -1) {
    const why = 'it is gone after the first start, and restart is "on-crash"';
    throw new TypeError(
      `spawnActor: args[${moved}] of ${name} is marked by transfer(): ${why}. Pass a copy.`,
    );
  }
  const kept = args.map(copy);
  return () => kept;
}

/** What cannot be copied is told at the start, by its path. */
function copy(value: unknown): unknown {
  if (typeof value !== "object" || value === null || isProxied(value)) return value;
  // It would become a Uint8Array.
  if (Buffer.isBuffer(value)) return Buffer.from(value);
  try {
    return structuredClone(value);
  } catch {
    return value;
  }
}
