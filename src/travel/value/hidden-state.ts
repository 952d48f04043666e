/**
 * State of an object that is not in the object: compilers that lower `#private` members, and programs, keep it in WeakMaps
 * and WeakSets beside the class. A copy would be without it.
 */
import { types } from "node:util";
import type { AnyFunction } from "../../core/function-handle.ts";
import { locate, variablesOf } from "../../inspect/locate.ts";
import { describe } from "../../wire/uncloneable.ts";
import { refuse } from "./refuse.ts";

interface Keeper {
  readonly name: string;
  readonly has: (value: object) => boolean;
}

const keepers = new WeakMap<AnyFunction, readonly Keeper[]>();

/** @throws TravelError; NoInspector */
export function refuseHiddenState(value: object, path: string): void {
  for (let at = prototypeOf(value); at !== null && at !== Object.prototype; at = prototypeOf(at)) {
    const Class: unknown = Object.getOwnPropertyDescriptor(at, "constructor")?.value;
    if (typeof Class !== "function") continue;
    const keeper = keepersOf(Class as AnyFunction).find(({ has }) => has(value));
    if (keeper === undefined) continue;
    refuse(
      "private-field",
      path,
      `it is ${describe(value)}, and ${keeper.name} keeps state of it (that is how compilers write #private members), which ` +
        "cannot be copied. Give the class plain fields, or pass the data that the function needs.",
    );
  }
}

/** Made with the class, so they are looked for once. */
function keepersOf(Class: AnyFunction): readonly Keeper[] {
  let found = keepers.get(Class);
  if (found === undefined) {
    const location = locate(Class);
    found = location === undefined ? [] : variablesOf(location).flatMap(keeperIn);
    keepers.set(Class, found);
  }
  return found;
}

function keeperIn([name, value]: [string, unknown]): Keeper[] {
  if (types.isWeakMap(value)) return [{ name, has: (key) => WeakMap.prototype.has.call(value, key) }];
  if (types.isWeakSet(value)) return [{ name, has: (key) => WeakSet.prototype.has.call(value, key) }];
  return [];
}

function prototypeOf(value: object): object | null {
  return Object.getPrototypeOf(value) as object | null;
}
