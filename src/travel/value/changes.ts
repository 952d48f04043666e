/**
 * What a function does to the variables that it captured: its author sees the change here only.
 */
import { types } from "node:util";
import { describe } from "../../wire/uncloneable.ts";
import type { FreeValue } from "./capture-source.ts";

// Where tsc keeps the decorators of a class while it makes it.
const OF_COMPILERS = /^_(?:static_|private_)*\w+_decorators(?:_\d+)?$/;

/** In words. */
export function changesOf({ name, value, assigned, mutated }: FreeValue, path: string): string[] {
  const changes: string[] = [];
  if (assigned && !OF_COMPILERS.test(name)) {
    changes.push(`${path} assigns to the captured variable ${name}: the change stays in the worker`);
  }
  if (mutated !== undefined && isContainer(value, mutated)) {
    changes.push(
      `${path} changes ${name} (${describe(value)}), which it captured: the change stays in the worker`,
    );
  }
  return changes;
}

/** `add` and `set` are methods of many things; only on these it is known what they do. */
function isContainer(value: unknown, mutated: "member" | "call"): boolean {
  if (typeof value !== "object" || value === null) return false;
  return mutated === "member" || Array.isArray(value) || types.isMap(value) || types.isSet(value);
}
