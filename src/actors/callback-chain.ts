/**
 * Which actors wait for the code that runs now, because it is a callback of theirs. A call of one of them, from there, must not wait for
 * the call that waits for it.
 *
 * What a callback leaves behind, such as a timer, inherits its chain, and may run when nobody waits any more. So each link says whether
 * it still holds.
 *
 * That of the pools (src/pools/call-chain.ts) knows tasks, to refuse a call that would wait for itself; an actor has one worker and no queue of an
 * executor, so here such a call goes ahead instead.
 */
import { AsyncLocalStorage } from "node:async_hooks";

export interface CallbackLink {
  readonly actor: object;
  /** Until the callback, or the call that waits for it, has ended. */
  isWaiting(): boolean;
}

export type CallbackChain = readonly CallbackLink[];

const chains = new AsyncLocalStorage<CallbackChain>();

export function currentCallbacks(): CallbackChain {
  return (chains.getStore() ?? []).filter((link) => link.isWaiting());
}

export function runAsCallback<T>(chain: CallbackChain, run: () => T): T {
  return chains.run(chain, run);
}
