/**
 * Finds what structured clone refused, to name it in the error: V8 only says what it is, never where. Runs on the way to an
 * error, so it may be slow; it is bounded all the same, because the value may be anything.
 */
import { types } from "node:util";
import { serialize } from "node:v8";

export interface Culprit {
  readonly path: string;
  readonly what: string;
}

// A value larger or deeper than this is searched so far; the error then names the root. The depth is safe for the stack.
const MOST_VISITS = 100_000;
const DEEPEST = 500;

/** The first part of `value` that cannot be cloned, depth first. */
export function findUncloneable(value: unknown, root: string): Culprit | undefined {
  // Processes refuse more than threads: shared memory, keys, blobs.
  return search(value, root, structuredClone) ?? search(value, root, serialize);
}

function search(value: unknown, root: string, clone: (part: object) => unknown): Culprit | undefined {
  const seen = new Set<unknown>();
  const visit = (part: unknown, path: string, depth: number): Culprit | undefined => {
    if (typeof part === "symbol" || typeof part === "function") return { path, what: describe(part) };
    if (typeof part !== "object" || part === null || seen.has(part) || seen.size > MOST_VISITS) {
      return undefined;
    }
    if (depth > DEEPEST) return undefined;
    seen.add(part);
    if (types.isProxy(part)) return { path, what: "a Proxy" };
    for (const [name, child] of children(part)) {
      const culprit = visit(child, `${path}${name}`, depth + 1);
      if (culprit !== undefined) return culprit;
    }
    return isContainer(part) || clones(part, clone) ? undefined : { path, what: describe(part) };
  };
  return visit(value, root, 0);
}

function* children(part: object): Generator<[string, unknown]> {
  if (part instanceof Map) {
    let index = 0;
    for (const [key, value] of part) {
      yield [`[key ${index++}]`, key];
      yield [typeof key === "string" ? `.get(${JSON.stringify(key)})` : `[value of key ${index - 1}]`, value];
    }
  } else if (part instanceof Set) {
    let index = 0;
    for (const value of part) yield [`[entry ${index++}]`, value];
  }
  if (ArrayBuffer.isView(part)) return;
  for (const key of Object.keys(part)) {
    const name = Array.isArray(part)
      ? `[${key}]`
      : /^[\w$]+$/.test(key)
        ? `.${key}`
        : `[${JSON.stringify(key)}]`;
    yield [name, read(part, key)];
  }
}

/** A getter that throws cannot be cloned either; the function stands for it. */
function read(part: object, key: string): unknown {
  try {
    return (part as Record<string, unknown>)[key];
  } catch {
    return Object.getOwnPropertyDescriptor(part, key)?.get;
  }
}

/** What clones whenever its children do. Asking V8 for these would clone the same parts once for each level. */
function isContainer(part: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(part);
  return (
    prototype === Object.prototype ||
    prototype === null ||
    Array.isArray(part) ||
    types.isMap(part) ||
    types.isSet(part)
  );
}

function clones(part: object, clone: (part: object) => unknown): boolean {
  try {
    clone(part);
    return true;
  } catch {
    return false;
  }
}

/** A few words for what something is. Never throws. */
export function describe(value: unknown): string {
  try {
    if (typeof value === "function") return `the function ${value.name || "(anonymous)"}`;
    if (typeof value === "symbol") return `the symbol ${String(value)}`;
    if (typeof value !== "object" || value === null) return String(value);
    const name = (Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null)?.constructor
      ?.name;
    return name === undefined || name === "" ? "an object" : `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
  } catch {
    return "an object that cannot be described";
  }
}
