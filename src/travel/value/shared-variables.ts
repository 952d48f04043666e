/**
 * Each captured function gets variables of its own. Where one assigns what another uses too, they would see different values,
 * so that is refused.
 */
import type { AnyFunction } from "../../core/function-handle.ts";
import type { FreeValue } from "./capture-source.ts";
import { refuse } from "./refuse.ts";

interface Use {
  readonly fn: AnyFunction;
  readonly value: unknown;
  readonly assigned: boolean;
}

export class SharedVariables {
  readonly #uses = new Map<string, Use[]>();

  /** @throws TravelError */
  use(fn: AnyFunction, { name, value, assigned, from }: FreeValue, path: string): void {
    const key = `${from} ${name}`;
    const uses = this.#uses.get(key) ?? [];
    this.#uses.set(key, uses);
    // Two closures of one factory have a variable each. V8 does not tell them apart, but their values may.
    const other = uses.find(
      (use) => use.fn !== fn && (use.assigned || assigned) && Object.is(use.value, value),
    );
    if (other !== undefined) {
      refuse(
        "shared-let",
        path,
        `${String(other.fn.name) || "another function"} that travels along uses it too, and it is assigned. Copies would ` +
          "differ; pass it as an argument.",
      );
    }
    uses.push({ fn, value, assigned });
  }
}
