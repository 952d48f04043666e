/**
 * Reading what a module exports without running anything of it.
 */

/**
 * `() => name`, `function () { return a.b }`: how compilers write an export of CommonJS. Any other getter may do anything:
 * load a file, print a warning, throw.
 */
const ONLY_NAMES = (() => {
  const name = String.raw`[\w$]+(?:\.[\w$]+|\[[\w$]+\])*`;
  const comment = String.raw`(?:\/\*[^*]*\*\/\s*)?`;
  const value = String.raw`\(?\s*${comment}${name}\s*\)?`;
  const body = String.raw`\{\s*return\s+${value}\s*;?\s*\}`;
  return new RegExp(
    String.raw`^(?:\(\)\s*=>\s*(?:${value}|${body})|(?:function\s*[\w$]*|get\s+[\w$]+|[\w$]+)\s*\(\)\s*${body})$`,
  );
})();

const toText = Function.prototype.toString;

/** The value of an own property, or undefined where only foreign code could tell. Never throws. */
export function ownValue(holder: unknown, key: string): unknown {
  if (!isHolder(holder)) return undefined;
  try {
    const property = Object.getOwnPropertyDescriptor(holder, key);
    if (property === undefined || "value" in property) return property?.value;
    const { get } = property;
    return get !== undefined && ONLY_NAMES.test(toText.call(get)) ? get.call(holder) : undefined;
  } catch {
    // A Proxy whose trap throws, a binding of a module that is still being evaluated.
    return undefined;
  }
}

/** Follows a path of own properties. */
export function ownValueAt(holder: unknown, path: readonly string[]): unknown {
  return path.reduce(ownValue, holder);
}

// Tables of data. Whoever keeps a function among so many entries finds it by name.
const MOST_MEMBERS = 1_000;

/** The members of an object that are functions or objects. Never throws. */
export function members(holder: unknown): [string, unknown][] {
  if (!isHolder(holder)) return [];
  // Their members lead everywhere.
  if (ArrayBuffer.isView(holder) || holder === globalThis || holder === process) return [];
  try {
    if (Array.isArray(holder) && holder.length > MOST_MEMBERS) return [];
    const keys = Object.getOwnPropertyNames(holder);
    if (keys.length > MOST_MEMBERS && !isNamespace(holder)) return [];
    return keys.flatMap((key): [string, unknown][] => {
      const value = key === "constructor" ? undefined : ownValue(holder, key);
      return isHolder(value) ? [[key, value]] : [];
    });
  } catch {
    // A Proxy whose trap throws.
    return [];
  }
}

function isHolder(value: unknown): value is object {
  return typeof value === "function" || (typeof value === "object" && value !== null);
}

function isNamespace(holder: object): boolean {
  return Object.prototype.toString.call(holder) === "[object Module]";
}
