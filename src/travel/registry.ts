/**
 * The wraps that this realm has seen, by module. Main looks up where a function was wrapped; a worker, after importing the
 * module, looks up what was wrapped there.
 */
import type { AnyFunction } from "../core/function-handle.ts";
import { sharedInRealm } from "../core/realm.ts";
import type { CallSite } from "./call-site.ts";
import type { FunctionReference } from "./reference.ts";

type RegisteredReference = Extract<FunctionReference, { kind: "registered" }>;

interface Wrap {
  readonly fn: AnyFunction;
  readonly position: string;
  readonly ordinal: number;
}

const registry = sharedInRealm("registry", () => ({
  modules: new Map<string, Wrap[]>(),
  sites: new WeakMap<AnyFunction, { readonly module: string; readonly wrap: Wrap }>(),
}));

export function register(fn: AnyFunction, { module, position }: CallSite): void {
  const wraps = registry.modules.get(module) ?? [];
  const wrap: Wrap = { fn, position, ordinal: wraps.length };
  wraps.push(wrap);
  registry.modules.set(module, wraps);
  if (!registry.sites.has(fn)) registry.sites.set(fn, { module, wrap });
}

/**
 * How a worker finds this wrap. Undefined when it was never wrapped at a top level, and when several wraps stand at its
 * position: that is a loop, and its turns may differ in what they captured.
 */
export function registeredReference(fn: AnyFunction): RegisteredReference | undefined {
  const site = registry.sites.get(fn);
  if (site === undefined) return undefined;
  const { module, wrap } = site;
  const there = registry.modules.get(module)?.filter(({ position }) => position === wrap.position);
  if (there?.length !== 1) return undefined;
  return {
    kind: "registered",
    module,
    position: wrap.position,
    ordinal: wrap.ordinal,
    name: fn.name,
    arity: fn.length,
  };
}

/**
 * The function that the same wrap registered here. Positions agree when both sides load the module the same way; where
 * they do not (main through a transform), the order of the wraps does.
 */
export function findRegistered({
  module,
  position,
  ordinal,
  name,
  arity,
}: RegisteredReference): AnyFunction | undefined {
  const wraps = registry.modules.get(module) ?? [];
  const there = wraps.filter((wrap) => wrap.position === position);
  const wrap = there.length === 0 ? wraps[ordinal] : there.length === 1 ? there[0] : undefined;
  return wrap !== undefined && wrap.fn.name === name && wrap.fn.length === arity ? wrap.fn : undefined;
}
