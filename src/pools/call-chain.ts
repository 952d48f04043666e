/**
 * Which tasks wait for the code that runs now, because it is a function that they run on main.
 */
import { AsyncLocalStorage } from "node:async_hooks";

export interface ChainLink {
  /** The calls of the executor that the task is of. */
  readonly calls: object;
  readonly task: string;
  /** What it runs on main. */
  readonly runs: string;
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
  return isUsed ? chains.getStore() : undefined;
}

/** That of the code which submitted it. */
export function chainOf(task: object | undefined): CallChain {
  return (task && ofTasks.get(task)) ?? [];
}

export function keepChain(task: object, chain: CallChain): void {
  ofTasks.set(task, chain);
}
