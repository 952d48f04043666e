/**
 * Each captured function gets variables of its own. Where one assigns what another uses too, they would see different values,
 * so that is refused. The same goes for an object that one of them changes, where they travel apart: the functions of one
 * call, the called one and those among its arguments.
 */
import { type AnyFunction, functionName } from "../../core/function-handle.ts";
import { isContainer } from "./changes.ts";
import type { FreeValue } from "./capture-source.ts";
import { refuse } from "./refuse.ts";

interface Use {
  readonly fn: AnyFunction;
  readonly path: string;
  readonly value: unknown;
  /** Or, for an object, changed. */
  readonly assigned: boolean;
}

/** Of one capture. */
export class SharedVariables {
  readonly #variables = new Map<string, Use[]>();
  readonly #objects = new Map<unknown, Use[]>();

  /** @throws TravelError when another function of the capture uses it, too, and one of them assigns it. */
  use(fn: AnyFunction, { name, value, assigned, mutated, from }: FreeValue, path: string): void {
    const use = { fn, path, value, assigned };
    const uses = listIn(this.#variables, `${from} ${name}`);
    // Two closures of one factory have a variable each. V8 does not tell them apart, but their values may.
    const other = uses.find((one) => one.fn !== fn && isConflict(one, use) && Object.is(one.value, value));
    if (other !== undefined) refuseShared(other, "assigned", path);
    uses.push(use);
    if (typeof value !== "object" || value === null) return;
    const changed = mutated !== undefined && isContainer(value, mutated);
    listIn(this.#objects, value).push({ ...use, assigned: changed });
  }

  /** Values do not tell variables apart here: the captures may be of different moments. @throws TravelError */
  refuseWith(other: SharedVariables): void {
    refuseConflicts(this.#variables, other.#variables, "assigned");
    refuseConflicts(this.#objects, other.#objects, "changed");
  }
}

function refuseConflicts<K>(mine: Map<K, Use[]>, theirs: Map<K, Use[]>, how: string): void {
  for (const [key, uses] of mine) {
    for (const one of theirs.get(key) ?? []) {
      const use = uses.find((own) => isConflict(own, one));
      if (use !== undefined) refuseShared(one, how, use.path);
    }
  }
}

function listIn<K>(map: Map<K, Use[]>, key: K): Use[] {
  const list = map.get(key) ?? [];
  map.set(key, list);
  return list;
}

function isConflict(one: Use, other: Use): boolean {
  return one.assigned || other.assigned;
}

function refuseShared({ fn }: Use, how: string, path: string): never {
  const who = functionName(fn) || "another function";
  const why = `${who} that travels along uses it too, and it is ${how}. Copies would differ; pass it as an argument.`;
  refuse("shared-let", path, why);
}
