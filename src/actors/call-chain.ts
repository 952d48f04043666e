/**
 * Which actors wait for the code that runs now, because it is a callback of theirs. A call of one of them, from there, must not wait for
 * the call that waits for it.
 *
 * What a callback leaves behind, such as a timer, inherits its chain, and may run when nobody waits any more. So each link says whether
 * it still holds.
 */
import { AsyncLocalStorage } from "node:async_hooks";

export interface ChainLink {
  readonly actor: object;
  /** Until the callback, or the call that waits for it, has ended. */
  isWaiting(): boolean;
}

export type CallChain = readonly ChainLink[];

const chains = new AsyncLocalStorage<CallChain>();

export function currentChain(): CallChain {
  return (chains.getStore() ?? []).filter((link) => link.isWaiting());
}

export function runInChain<T>(chain: CallChain, run: () => T): T {
  return chains.run(chain, run);
}
