/**
 * Which tasks wait for the code that runs now, because it is a function that they run on main.
 *
 * What such a function leaves behind, such as a timer, inherits its chain, and may run when nobody waits any more. So each link says
 * whether it still holds.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Wait } from "./waits.ts";

export interface ChainLink {
  /** The calls of the executor that the task is of. */
  readonly calls: object;
  readonly task: string;
  /** What it runs on main. */
  readonly runs: string;
  /** Until the call is answered, or the task has settled. */
  isWaiting(): boolean;
  /** Of the code that it waits for. */
  readonly waits: Set<Wait>;
}

export type CallChain = readonly ChainLink[];

const chains = new AsyncLocalStorage<CallChain>();
const ofTasks = new WeakMap<object, CallChain>();
// Whose callers are in a request, say: a message from a worker comes in the context of the first call that it ever got.
const outside = AsyncLocalStorage.snapshot();
let isUsed = false;

export function runInChain<T>(chain: CallChain, run: () => T): T {
  isUsed = true;
  return outside(() => chains.run(chain, run));
}

export function currentChain(): CallChain | undefined {
  if (!isUsed) return undefined;
  const chain = waitingIn(chains.getStore());
  return chain.length === 0 ? undefined : chain;
}

/** That of the code which submitted it. */
export function chainOf(task: object | undefined): CallChain {
  return waitingIn(task && ofTasks.get(task));
}

export function keepChain(task: object, chain: CallChain): void {
  ofTasks.set(task, chain);
}

function waitingIn(chain: CallChain = []): CallChain {
  return chain.filter((link) => link.isWaiting());
}
