/**
 * Walks what a module exports: the exports, their own members, and the members of those (statics, prototypes, `default`,
 * a namespace object). Deeper functions are nobody's idea of an export.
 */
import { members } from "./own-value.ts";

const DEEPEST = 3;

// A module may export the state of a whole program. The walk is breadth first, so what is left out is far away.
const MOST = 20_000;

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
    if (depth === DEEPEST || seen.size > MOST) return;
    level = level.flatMap((parent) => (seen.size > MOST ? [] : unseenMembers(parent, seen)));
  }
}

function unseenMembers({ value, path }: Found, seen: Set<unknown>): Found[] {
  return members(value).flatMap(([key, member]) => {
    if (seen.has(member)) return [];
    seen.add(member);
    return [{ value: member, path: [...path, key] }];
  });
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
