/**
 * Finds what structured clone refused, to name it in the error: V8 only says what it is, never where. Runs on the way to an
 * error, so it may be slow; it is bounded all the same and never throws, because the value may be anything.
 */
import { types } from "node:util";
import { isShared, serializeForProcess } from "./shared-memory.ts";
import { transferListOf } from "./transfer.ts";

export interface Culprit {
  readonly path: string;
  readonly what: string;
}

// Of a value with more objects than this, or a longer array, the first ones are searched; the error then names the root.
const MOST_OBJECTS = 100_000;
const MOST_ENTRIES = 1_000_000;
// To ask V8 about an object clones all that is in it. Objects of a class in objects of a class could be asked about for
// hours; most of them clone, so the answer is seldom missed.
const MOST_ASKING_MS = 50;
// A path is for reading.
const LONGEST_PATH = 200;

interface Level {
  readonly part: object;
  readonly path: string;
  readonly children: Iterator<readonly [name: string, child: unknown]>;
}

/** The first part of `value` that cannot be cloned, depth first. Never throws. */
export function findUncloneable(value: unknown, root: string): Culprit | undefined {
  // Processes refuse more than threads: shared memory, keys, blobs.
  return search(value, root, structuredClone) ?? search(value, root, serializeForProcess);
}

type Clone = (part: object) => unknown;

/** With a stack of its own, as deep as the value is. */
function search(value: unknown, root: string, clone: Clone): Culprit | undefined {
  const seen = new Set<unknown>();
  const levels: Level[] = [];
  const asking = { clone, spentMs: 0 };
  const enter = (part: unknown, path: string): Culprit | undefined => {
    if (part === UNREADABLE) return { path, what: "a property that throws when it is read" };
    if (typeof part === "symbol" || typeof part === "function") return { path, what: describe(part) };
    if (isLeaf(part) || seen.has(part) || seen.size > MOST_OBJECTS) return undefined;
    seen.add(part);
    if (types.isProxy(part)) return { path, what: "a Proxy" };
    for (const moved of transferListOf(part) ?? []) seen.add(moved);
    levels.push({ part: part as object, path, children: children(part as object) });
    return undefined;
  };
  let culprit = enter(value, root);
  for (let level = levels.at(-1); culprit === undefined && level !== undefined; level = levels.at(-1)) {
    const { part, path } = level;
    const next = level.children.next();
    if (next.done !== true) {
      culprit = enter(next.value[1], path + next.value[0]);
    } else {
      levels.pop();
      if (!clones(part, asking)) culprit = { path, what: whatIs(part) };
    }
  }
  return culprit && { ...culprit, path: shortened(culprit.path) };
}

/** Stands for what cannot even be looked at. */
const UNREADABLE = Symbol("unreadable");

function isLeaf(part: unknown): boolean {
  return (
    (typeof part !== "object" || part === null) && typeof part !== "function" && typeof part !== "symbol"
  );
}

/** What structured clone would go into, but for primitives. Own properties of most built-in objects are not copied. */
function* children(part: object): Generator<readonly [string, unknown]> {
  if (types.isMap(part)) {
    yield* entriesOfMap(part);
  } else if (types.isSet(part)) {
    let index = 0;
    for (const value of Set.prototype.values.call(part)) yield [`[entry ${index++}]`, value];
  } else if (types.isNativeError(part)) {
    if (Object.hasOwn(part, "cause")) yield [".cause", read(part, "cause")];
  } else if (!hasOnlyItself(part)) {
    yield* properties(part);
  }
}

function hasOnlyItself(part: object): boolean {
  return (
    ArrayBuffer.isView(part) ||
    types.isAnyArrayBuffer(part) ||
    types.isDate(part) ||
    types.isRegExp(part) ||
    types.isBoxedPrimitive(part)
  );
}

function* entriesOfMap(map: Map<unknown, unknown>): Generator<readonly [string, unknown]> {
  let index = 0;
  for (const [key, value] of Map.prototype.entries.call(map) as MapIterator<[unknown, unknown]>) {
    yield [`[key ${index}]`, key];
    yield [typeof key === "string" ? `.get(${JSON.stringify(key)})` : `[value of key ${index}]`, value];
    index++;
  }
}

function* properties(part: object): Generator<readonly [string, unknown]> {
  if (Array.isArray(part) && part.length > MOST_ENTRIES) {
    for (let index = 0; index < MOST_ENTRIES; index++) {
      if (!isLeaf(part[index])) yield [`[${index}]`, part[index]];
    }
    return;
  }
  for (const key of Object.keys(part)) {
    const child = read(part, key);
    if (!isLeaf(child)) yield [propertyName(part, key), child];
  }
}

function propertyName(part: object, key: string): string {
  if (Array.isArray(part) && /^\d+$/.test(key)) return `[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function read(part: object, key: string): unknown {
  try {
    return (part as Record<string, unknown>)[key];
  } catch {
    return UNREADABLE;
  }
}

/** Of something whose children all clone. */
function clones(part: object, asking: { readonly clone: Clone; spentMs: number }): boolean {
  if (isContainer(part) || asking.spentMs > MOST_ASKING_MS) return true;
  const startedAt = performance.now();
  try {
    asking.clone(part);
    return true;
  } catch (refusal) {
    // Too deep for V8 says nothing about this part.
    return refusal instanceof RangeError;
  } finally {
    asking.spentMs += performance.now() - startedAt;
  }
}

function whatIs(part: object): string {
  if (!isShared(part)) return describe(part);
  return `${describe(part)}${ArrayBuffer.isView(part) ? " of a SharedArrayBuffer" : ""}, which only threads can share`;
}

/** What clones whenever its children do. Asking V8 for these would clone the same parts once for each level. */
function isContainer(part: object): boolean {
  if (Array.isArray(part) || types.isMap(part) || types.isSet(part)) return true;
  if (types.isArgumentsObject(part) || types.isModuleNamespaceObject(part)) return false;
  const prototype: unknown = Object.getPrototypeOf(part);
  return prototype === Object.prototype || prototype === null;
}

function shortened(path: string): string {
  if (path.length <= LONGEST_PATH) return path;
  const half = LONGEST_PATH / 2;
  return `${path.slice(0, half)} … ${path.slice(-half)}`;
}

/** A few words for what something is. Never throws. */
export function describe(value: unknown): string {
  try {
    if (typeof value === "function") return `the function ${value.name || "(anonymous)"}`;
    if (typeof value === "symbol") return `the symbol ${String(value)}`;
    if (typeof value !== "object" || value === null) return String(value);
    const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null;
    // Generators and their like have no class, only a tag.
    const name = prototype?.constructor?.name || Object.prototype.toString.call(value).slice(8, -1);
    return prototype === null ? "an object" : `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
  } catch {
    return "an object that cannot be described";
  }
}
