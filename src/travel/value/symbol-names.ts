/**
 * Symbols that mean the same in every thread: those of the language, and registered ones.
 */
import type { SymbolName } from "./capture-nodes.ts";

const WELL_KNOWN = new Map(
  Object.getOwnPropertyNames(Symbol).flatMap((name): [symbol, string][] => {
    const value = (Symbol as unknown as Record<string, unknown>)[name];
    return typeof value === "symbol" ? [[value, name]] : [];
  }),
);

/** Undefined for a symbol that has no identity elsewhere. */
export function symbolName(symbol: symbol): SymbolName | undefined {
  const key = Symbol.keyFor(symbol);
  if (key !== undefined) return { symbol: key, registered: true };
  const name = WELL_KNOWN.get(symbol);
  return name === undefined ? undefined : { symbol: name, registered: false };
}

export function symbolNamed({ symbol, registered }: SymbolName): symbol {
  return registered ? Symbol.for(symbol) : (Symbol as unknown as Record<string, symbol>)[symbol]!;
}
