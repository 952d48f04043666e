/**
 * Walks what a module exports: the exports, their own members, and the members of those (statics, prototypes, `default`,
 * a namespace object). Deeper functions are nobody's idea of an export.
 */
const DEEPEST = 3;

export interface Found {
  readonly value: unknown;
  readonly path: readonly string[];
}

/** The first value that fits, breadth first, so that the shortest path wins. */
export function findExport(exports: unknown, fits: (value: unknown) => boolean): Found | undefined {
  for (const found of walkExports(exports)) if (fits(found.value)) return found;
  return undefined;
}

export function* walkExports(exports: unknown): Generator<Found> {
  const seen = new Set<unknown>([exports]);
  let level: Found[] = [{ value: exports, path: [] }];
  for (let depth = 0; level.length > 0; depth++) {
    yield* level;
    if (depth === DEEPEST) return;
    level = level.flatMap(({ value, path }) =>
      members(value).flatMap(([key, member]) => {
        if (seen.has(member)) return [];
        seen.add(member);
        return [{ value: member, path: [...path, key] }];
      }),
    );
  }
}

function members(holder: unknown): [string, unknown][] {
  if ((typeof holder !== "object" && typeof holder !== "function") || holder === null) return [];
  // Data, not classes of the language: their prototypes lead everywhere.
  if (ArrayBuffer.isView(holder) || holder === globalThis || holder === process) return [];
  try {
    return Object.entries(Object.getOwnPropertyDescriptors(holder)).flatMap(
      ([key, { value }]): [string, unknown][] =>
        (typeof value === "function" || (typeof value === "object" && value !== null)) &&
        key !== "constructor"
          ? [[key, value]]
          : [],
    );
  } catch {
    // A Proxy with a trap that throws, a module namespace whose binding is not initialized yet.
    return [];
  }
}

/** Follows a path that {@link findExport} gave. */
export function follow(exports: unknown, path: readonly string[]): unknown {
  let value = exports;
  for (const key of path) {
    if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
