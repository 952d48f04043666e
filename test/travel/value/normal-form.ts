/**
 * A value as something that can be compared between threads: what any code could see of it, functions and classes included.
 */
import { types } from "node:util";

export function normalForm(value: unknown, seen = new Map<unknown, number>()): unknown {
  if (typeof value === "symbol") return `symbol ${String(value)}`;
  if (typeof value === "bigint") return `bigint ${value}`;
  if (Object.is(value, -0)) return "minus zero";
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
  const before = seen.get(value);
  if (before !== undefined) return `again ${before}`;
  seen.set(value, seen.size);
  const normal = (part: unknown): unknown => normalForm(part, seen);
  return {
    kind: kindOf(value),
    prototype: prototypeName(value),
    content: contentOf(value)?.map(normal),
    own: Reflect.ownKeys(value)
      .filter((key) => key !== "stack" && !(typeof value === "function" && key === "prototype"))
      .map((key) => {
        const { get, set, ...rest } = Object.getOwnPropertyDescriptor(value, key)!;
        const { value: held, ...flags } = rest as { readonly value?: unknown };
        return [String(key), normal(held), normal(get), normal(set), flags];
      }),
    extensible: Object.isExtensible(value),
  };
}

function kindOf(value: object): string {
  if (typeof value !== "function") return Object.prototype.toString.call(value);
  // What is evaluated again has other texts: blanks for what was done before.
  return `function ${/^class\b/.test(String(value)) ? "class" : String(value)}`;
}

function prototypeName(value: object): unknown {
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null;
  return prototype === null ? "none" : String(prototype.constructor?.name);
}

function contentOf(value: object): unknown[] | undefined {
  if (types.isMap(value)) return [...value].flat(1);
  if (types.isSet(value)) return [...value];
  if (types.isDate(value)) return [value.getTime()];
  if (types.isRegExp(value)) return [value.source, value.flags];
  if (types.isPromise(value)) return ["a promise"];
  if (ArrayBuffer.isView(value)) {
    return [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)];
  }
  return undefined;
}
