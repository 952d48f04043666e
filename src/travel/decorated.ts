/**
 * Methods that `@threaded` was put on, by the place where that happened: main sends the place of a method, or of the class
 * that has it, and a worker that has imported the module finds the same one there.
 *
 * The place is good for that only where it was reached once: a class that is made twice may have captured different things.
 */
import type { AnyFunction } from "../core/function-handle.ts";
import { sharedInRealm } from "../core/realm.ts";
import type { DecorationSite } from "./decoration-site.ts";
import { entryRole } from "./entry.ts";
import { type DecoratedReference, likeness, sourceOf } from "./reference.ts";
import { plainFunction } from "./threaded-mark.ts";
import { isUnloadable } from "./unloadable.ts";

export interface Decorated {
  readonly plain: AnyFunction;
  readonly key: string | symbol;
  readonly isStatic: boolean;
  readonly site: DecorationSite | undefined;
  /** The class or the prototype, where the decorator was told: legacy ones are. */
  readonly holder: object | undefined;
}

const registry = sharedInRealm("decorated", () => ({
  methods: new WeakMap<AnyFunction, Decorated>(),
  /** By module and position; null where there was more than one. */
  places: new Map<string, Decorated | null>(),
}));

/** Looked for by a worker in vain: they travel by value from then on. */
const unfound = new WeakSet<object>();

export function recordDecorated(method: Decorated): void {
  const { plain, site } = method;
  registry.methods.set(plain, method);
  if (site === undefined) return;
  const place = placeOf(site);
  registry.places.set(place, registry.places.has(place) ? null : method);
}

/** In a worker, after its module was imported. */
export function decoratedAt(site: DecorationSite): Decorated | undefined {
  return registry.places.get(placeOf(site)) ?? undefined;
}

export function isDecorated(plain: AnyFunction): boolean {
  return registry.methods.has(plain);
}

export function isInEntry(plain: AnyFunction): boolean {
  const site = registry.methods.get(plain)?.site;
  return site !== undefined && entryRole(site.module) === "unguarded";
}

/** For a plain method, or a class that has one: how a worker finds it. Undefined when it cannot. */
export function decoratedReference(value: AnyFunction): DecoratedReference | undefined {
  if (unfound.has(value)) return undefined;
  const method = registry.methods.get(value);
  if (method !== undefined) return reference(method);
  const member = decoratedMember(value);
  return member && reference(member, value);
}

export function hasDecorated(Class: AnyFunction): boolean {
  return decoratedMember(Class) !== undefined;
}

/** The first decorated method of its own. */
function decoratedMember(Class: AnyFunction): Decorated | undefined {
  const { prototype } = Class as { prototype?: unknown };
  const holders = [Class, ...(typeof prototype === "object" && prototype !== null ? [prototype] : [])];
  for (const holder of holders) {
    for (const key of Reflect.ownKeys(holder)) {
      const value: unknown = Object.getOwnPropertyDescriptor(holder, key)?.value;
      const plain = typeof value === "function" ? plainFunction(value as AnyFunction) : undefined;
      const method = plain && registry.methods.get(plain);
      if (method !== undefined && method.key === key && owns(Class, method)) return method;
    }
  }
  return undefined;
}

/** Also true of a class that it was copied to: their texts differ. */
export function owns(Class: AnyFunction, { plain, key, isStatic, holder }: Decorated): boolean {
  const at: unknown = isStatic ? Class : (Class as { prototype?: unknown }).prototype;
  if ((typeof at !== "object" && typeof at !== "function") || at === null) return false;
  if (holder !== undefined && holder !== at) return false;
  const value: unknown = Object.getOwnPropertyDescriptor(at, key)?.value;
  return typeof value === "function" && plainFunction(value as AnyFunction) === plain;
}

const digests = new WeakMap<AnyFunction, string>();

/** Of its text, which may be long and is not sent with each call. */
export function digestOf(Class: AnyFunction): string {
  let digest = digests.get(Class);
  if (digest === undefined) {
    // 3 ms of each worker's start, and few have decorated methods.
    const { createHash } = process.getBuiltinModule("node:crypto");
    digest = createHash("sha256").update(sourceOf(Class)).digest("base64");
    digests.set(Class, digest);
  }
  return digest;
}

function reference(method: Decorated, Class?: AnyFunction): DecoratedReference | undefined {
  const { plain, site } = method;
  if (site === undefined || registry.places.get(placeOf(site)) !== method) return undefined;
  const { module } = site;
  if (isUnloadable(module) || !["elsewhere", "guarded"].includes(entryRole(module))) return undefined;
  return { kind: "decorated", ...site, ...likeness(plain), ...(Class && { classDigest: digestOf(Class) }) };
}

export function isUnfound(value: object): boolean {
  return unfound.has(value);
}

export function becomeUnfound(values: readonly object[]): void {
  for (const value of values) unfound.add(value);
}

function placeOf({ module, position }: DecorationSite): string {
  return `${module} ${position}`;
}
