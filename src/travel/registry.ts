/**
 * The wraps that this realm has seen, by module and position. Main looks up where a function was wrapped; a worker, after
 * importing the module, looks up what was wrapped there.
 *
 * A position usually has one function. Several are the turns of a loop, which may differ in what they captured, or a module
 * that was evaluated again.
 */
import { fileURLToPath } from "node:url";
import type { AnyFunction } from "../core/function-handle.ts";
import { sharedInRealm } from "../core/realm.ts";
import type { CallSite } from "./call-site.ts";
import { isLike, likeness, type RegisteredReference, sourceOf } from "./reference.ts";
import { callNames, writtenSource } from "./written-source.ts";

export interface Wrap {
  readonly module: string;
  readonly position: string;
  readonly source: CallSite["source"];
  /** Functions that were wrapped here, one of each text, oldest first. */
  readonly fns: AnyFunction[];
  /** Texts of which there was more than one function. */
  readonly repeated: Set<string>;
}

const registry = sharedInRealm("registry", () => ({
  modules: new Map<string, Map<string, Wrap>>(),
  wraps: new WeakMap<AnyFunction, Wrap[]>(),
}));

export function register(fn: AnyFunction, { module, position, source }: CallSite): void {
  const wraps = registry.modules.get(module) ?? new Map<string, Wrap>();
  registry.modules.set(module, wraps);
  const wrap = wraps.get(position) ?? { module, position, source, fns: [], repeated: new Set() };
  wraps.set(position, wrap);
  const known = registry.wraps.get(fn);
  if (known?.includes(wrap)) return;
  registry.wraps.set(fn, [...(known ?? []), wrap]);
  if (wrap.fns.length === 0) return void wrap.fns.push(fn);
  // Only the first of each text is kept: a loop at top level may go on for as long as the program runs.
  const text = sourceOf(fn);
  if (wrap.fns.some((other) => sourceOf(other) === text)) wrap.repeated.add(text);
  else wrap.fns.push(fn);
}

/** Where a function was wrapped at a top level, in order. */
export function wrapsOf(fn: AnyFunction): readonly Wrap[] {
  return registry.wraps.get(fn) ?? [];
}

export function registeredReference(fn: AnyFunction, wrap: Wrap): RegisteredReference {
  const source = mappedPosition(wrap, fn);
  return {
    kind: "registered",
    module: wrap.module,
    position: wrap.position,
    ...(source !== undefined && { source }),
    ...likeness(fn),
  };
}

/** What was wrapped at a place, and whether more than one function of its text was. */
export interface Registered {
  readonly fn: AnyFunction;
  readonly repeated: boolean;
}

/** Where the wrap was written, when what runs is not what was written. */
function mappedPosition({ module, position, source }: Wrap, fn: AnyFunction): string | undefined {
  const mapped = source();
  if (mapped !== position) return mapped;
  // Formatters give the position as it is where they know of no map.
  return writtenSource(fileURLToPath(module)).includes(sourceOf(fn)) ? undefined : mapped;
}

/**
 * The function that the same wrap registered here: at the same position, of the same text. Where main and worker load the
 * module through different transforms neither agrees, but the position in the written file does.
 */
export function findRegistered(wanted: RegisteredReference): Registered | undefined {
  const wraps = registry.modules.get(wanted.module) ?? new Map<string, Wrap>();
  const wrap = wraps.get(wanted.position);
  const fn = wrap?.fns.find((candidate) => isLike(candidate, wanted));
  const found = fn && wrap && isSameSource(wrap, fn, wanted) ? { fn, wrap } : undefined;
  if (found === undefined) return findBySource(wanted, wraps);
  return { fn: found.fn, repeated: found.wrap.repeated.has(wanted.text) };
}

/** Only one side may know of a source map. Then a text that is wrapped once in its module leaves no doubt. */
function isSameSource(wrap: Wrap, fn: AnyFunction, wanted: RegisteredReference): boolean {
  const mapped = mappedPosition(wrap, fn);
  if (mapped === wanted.source) return true;
  if (mapped !== undefined && wanted.source !== undefined) return false;
  const all = [...registry.modules.get(wanted.module)!.values()];
  return all.filter(({ fns }) => fns.some((other) => isLike(other, wanted))).length === 1;
}

/** One side runs what was written, the other what was made from it. */
function findBySource(wanted: RegisteredReference, wraps: ReadonlyMap<string, Wrap>): Registered | undefined {
  const written = writtenSource(fileURLToPath(wanted.module));
  for (const wrap of wraps.values()) {
    const [fn, another] = wrap.fns;
    if (fn === undefined || another !== undefined || wrap.repeated.size > 0) continue;
    const mapped = mappedPosition(wrap, fn);
    if ((mapped === undefined) === (wanted.source === undefined)) continue;
    if ((mapped ?? wrap.position) !== (wanted.source ?? wanted.position)) continue;
    const { name, text } = mapped === undefined ? likeness(fn) : wanted;
    const fits = fn.length === wanted.arity && sameName(fn.name, wanted.name);
    return fits && callNames(written, mapped ?? wrap.position, { name, text })
      ? { fn, repeated: false }
      : undefined;
  }
  return undefined;
}

/** Transforms rename `slug` to `slug2` where another `slug` is in scope. */
function sameName(one: string, other: string): boolean {
  return one.replace(/\d+$/, "") === other.replace(/\d+$/, "");
}
