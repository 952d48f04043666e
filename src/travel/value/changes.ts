/**
 * What a function does to the variables that it captured, and what they are: for whoever wrote it.
 */
import { types } from "node:util";
import { describe } from "../../wire/uncloneable.ts";
import type { FreeValue } from "./capture-source.ts";

// Where tsc keeps the decorators of a class while it makes it.
const OF_COMPILERS = /^_(?:static_|private_)*\w+_decorators(?:_\d+)?$/;

export function changesOf({ name, value, assigned, mutated }: FreeValue, path: string): string[] {
  const texts: string[] = [];
  if (assigned && !OF_COMPILERS.test(name)) {
    texts.push(`${path} assigns to the captured variable ${name}: the change stays in the worker`);
  }
  if (mutated !== undefined && isContainer(value, mutated)) {
    texts.push(
      `${path} changes ${name} (${describe(value)}), which it captured: the change stays in the worker`,
    );
  }
  return texts;
}

/** `add` and `set` are methods of many things; only on these it is known what they do. */
export function isContainer(value: unknown, mutated: "member" | "call"): boolean {
  if (typeof value !== "object" || value === null) return false;
  return mutated === "member" || Array.isArray(value) || types.isMap(value) || types.isSet(value);
}

export function whatIs(value: unknown): string {
  if (typeof value === "object" || typeof value === "function") return describe(value);
  return value === undefined ? "undefined" : `a ${typeof value}`;
}
