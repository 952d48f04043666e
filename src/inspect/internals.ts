/**
 * What V8 tells of a function that the language does not: its internal properties and the scopes it closes over.
 */
import { post, readRemote } from "./inspector.ts";

export interface Property {
  readonly name: string;
  readonly value?: Remote;
}

export interface Remote {
  readonly objectId?: string;
  readonly description?: string;
  readonly value?: unknown;
}

export interface Properties {
  readonly result: readonly Property[];
  readonly internalProperties?: readonly Property[];
  readonly privateProperties?: readonly Property[];
}

export type ScopeKind = "Module" | "Global" | "Script" | "Closure" | "Block" | "Catch" | "Other";

/** A scope. Its variables are read when they are asked for. */
export interface OpenScope {
  readonly kind: ScopeKind;
  /** The function whose scope it is. */
  readonly of: string | undefined;
  /** An object without a prototype. Reading a property of it may throw: that variable has no value yet. */
  variables(): Readonly<Record<string, unknown>>;
}

export function propertiesOf(objectId: string): Properties {
  return post<Properties>("Runtime.getProperties", { objectId, ownProperties: true });
}

export function internalsOf(objectId: string): ReadonlyMap<string, Remote> {
  const { internalProperties = [] } = propertiesOf(objectId);
  return new Map(
    internalProperties.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );
}

/** Innermost first. */
export function scopesOf(internals: ReadonlyMap<string, Remote>): OpenScope[] {
  const list = internals.get("[[Scopes]]")?.objectId;
  if (list === undefined) return [];
  return propertiesOf(list).result.flatMap(({ name, value }) =>
    /^\d+$/.test(name) && value !== undefined ? [open(value)] : [],
  );
}

const KINDS = new Set(["Module", "Global", "Script", "Closure", "Block", "Catch"]);

function open({ objectId, description = "" }: Remote): OpenScope {
  const [, kind = "", of] = /^(\w+)(?: \((.+)\))?/.exec(description) ?? [];
  return {
    kind: (KINDS.has(kind) ? kind : "Other") as ScopeKind,
    of,
    variables: () => (objectId === undefined ? {} : scopeObject(objectId)),
  };
}

/** What the inspector lists as a scope is, for code, a wrapper around it. */
function scopeObject(objectId: string): Readonly<Record<string, unknown>> {
  const wrapper = readRemote(objectId) as { object?: Readonly<Record<string, unknown>> };
  return wrapper.object ?? {};
}
