/**
 * What a running function can learn about its own call.
 *
 * A worker runs one task at a time, so the running one is a plain variable there: an AsyncLocalStorage would slow every
 * promise of the user's code on Node 20 and 22. The price: code that a task left behind and that runs during a later task
 * sees the later one. Take `currentTask()` once, at the start, and keep it. The inline executor shares its thread with
 * everybody, so it does use an AsyncLocalStorage.
 */
import type { AsyncLocalStorage } from "node:async_hooks";
import type { Stores } from "./contexts.ts";
import { sharedInRealm } from "./realm.ts";
import { type ToMain, toMain } from "./to-main.ts";

/** The call that is running here. */
export interface CurrentTask {
  readonly id: number;
  readonly name: string;
  /** Aborts when the task is cancelled or times out. Looking at it gives the task `cancelGraceMs` to end by itself. */
  readonly signal: AbortSignal;
  /** Throws the abort reason once the task is cancelled or timed out. Works in a synchronous loop; costs about 1 µs. */
  throwIfAborted(): void;
  /**
   * Tells `task.progress` on main a value, which is copied. It waits for nobody; what is reported when the task has settled is dropped.
   *
   * @throws SerializationError with the path to what cannot be copied.
   */
  report(value: unknown): void;
}

/** How a task sees that it should stop while its thread is too busy to receive a message. */
export interface StopFlag {
  /** Main learns that the task looks, and will leave it time to end by itself. */
  look(taskId: number): void;
  stopRequested(taskId: number): boolean;
}

export class TaskScope implements CurrentTask {
  readonly id: number;
  readonly name: string;
  readonly #flag: StopFlag;
  readonly #main: ToMain | undefined;
  #controller: AbortController | undefined;
  /** The call that it goes on as: the next turn of a stream. */
  #turn: TaskScope | undefined;
  /** What goes on as this call. */
  #stream: TaskScope | undefined;
  /** What was entered for it. */
  stores: Stores | undefined;

  /** `main`: where that is not the realm's way. */
  constructor(id: number, name: string, flag: StopFlag, main?: ToMain) {
    this.id = id;
    this.name = name;
    this.#flag = flag;
    this.#main = main;
  }

  /** The number under which main has what runs now. */
  get callId(): number {
    return (this.#turn ?? this).id;
  }

  get main(): ToMain | undefined {
    return this.#main ?? toMain.here;
  }

  get signal(): AbortSignal {
    return this.#look().signal;
  }

  throwIfAborted(): void {
    this.#look().signal.throwIfAborted();
  }

  report(value: unknown): void {
    this.main?.report(this.id, value);
  }

  /** The request to stop, as a message. */
  abort(reason: unknown): void {
    this.#controller?.abort(reason);
    this.#stream?.abort(reason);
  }

  /** From now on it is asked to stop when that call is: to its function a stream is one call, whatever number of turns it takes. */
  goOnAs(turn: TaskScope): void {
    this.#turn = turn;
    turn.#stream = this;
    if (this.#controller !== undefined) this.#flag.look(turn.id);
  }

  #look(): AbortController {
    const id = this.callId;
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      this.#flag.look(id);
    }
    if (!this.#controller.signal.aborted && this.#flag.stopRequested(id)) this.#controller.abort();
    return this.#controller;
  }
}

interface Scopes {
  current: TaskScope | undefined;
  storage: AsyncLocalStorage<TaskScope> | undefined;
}

/** Where the running task is noted, in this realm. */
export const scopes: Scopes = sharedInRealm("scopes", () => ({ current: undefined, storage: undefined }));

/**
 * The task that is running here, or `undefined` outside of one.
 *
 * @example
 * ```js
 * import { currentTask } from "offloop";
 *
 * export function countPrimes(limit) {
 *   const task = currentTask();
 *   let count = 0;
 *   for (let n = 2; n < limit; n++) {
 *     if (n % 1000 === 0) task?.throwIfAborted();
 *     let prime = true;
 *     for (let d = 2; d * d <= n; d++) if (n % d === 0) { prime = false; break; }
 *     if (prime) count++;
 *   }
 *   return count;
 * }
 * console.log(countPrimes(100)); // => 25
 * ```
 */
export function currentTask(): CurrentTask | undefined {
  return currentScope();
}

export function currentScope(): TaskScope | undefined {
  return scopes.storage?.getStore() ?? scopes.current;
}
