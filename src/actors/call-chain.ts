/**
 * Which actors wait for the code that runs now, because it is a callback of theirs. A call of one of them, from there, must not wait for
 * the call that waits for it.
 */
import { AsyncLocalStorage } from "node:async_hooks";

export type CallChain = readonly object[];

const chains = new AsyncLocalStorage<CallChain>();

export function currentChain(): CallChain {
  return chains.getStore() ?? [];
}

export function runInChain<T>(chain: CallChain, run: () => T): T {
  return chains.run(chain, run);
}
