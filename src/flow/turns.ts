/**
 * What a stream runs in its worker: plain calls, each a turn. The generators between two turns are kept here, by the number of
 * their stream.
 */
import type { AnyFunction } from "../core/function-handle.ts";
import { registerHere } from "../travel/register-here.ts";
import { plainFunction } from "../travel/threaded-mark.ts";
import { sharedInRealm } from "../core/realm.ts";
import type { SentItems } from "./items.ts";
import { Production, turnScope } from "./production.ts";

const productions = sharedInRealm("streams", () => new Map<number, Production>());

/** Before its own three, the arguments of the function: what is wrong with one of them is told by its own number. */
export const openTurn = registerHere(function openTurn(...given: unknown[]): SentItems | Promise<SentItems> {
  const [fn, id, most] = given.splice(-3) as [AnyFunction, number, number];
  const scope = turnScope();
  const begin = (made: unknown): SentItems | Promise<SentItems> => {
    const production = new Production(made, scope);
    productions.set(id, production);
    return go(id, production, most);
  };
  const plain = (plainFunction(fn) ?? fn) as (...args: unknown[]) => unknown;
  const made = plain(...given);
  return made instanceof Promise ? made.then(begin) : begin(made);
});

export const nextTurn = registerHere(function nextTurn(
  id: number,
  most: number,
): SentItems | Promise<SentItems> {
  const production = productions.get(id)!;
  production.goOn(turnScope());
  return go(id, production, most);
});

export const lastTurn = registerHere(async function lastTurn(id: number): Promise<void> {
  const production = productions.get(id);
  productions.delete(id);
  production?.goOn(turnScope());
  await production?.close();
});

/** What an inline executor has left here that was ended without its last turn. */
export function forgetHere(id: number): void {
  productions.delete(id);
}

function go(id: number, production: Production, most: number): SentItems | Promise<SentItems> {
  const forget = (): void => {
    if (production.isOver) productions.delete(id);
  };
  try {
    const sent = production.produce(most);
    if (!(sent instanceof Promise)) return (forget(), sent);
    return sent.finally(forget);
  } catch (error) {
    forget();
    throw error;
  }
}
