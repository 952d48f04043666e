/**
 * What V8 tells of a value that the language does not: internal properties and private fields.
 */
import type { AnyFunction } from "../core/function-handle.ts";
import { post, readRemote, withRemote } from "./inspector.ts";

interface Property {
  readonly name: string;
  readonly value?: Remote;
}

export interface Remote {
  readonly objectId?: string;
  readonly value?: unknown;
}

interface Properties {
  readonly internalProperties?: readonly Property[];
  readonly privateProperties?: readonly Property[];
}

/** By name, as V8 writes them: "[[Scopes]]". */
export function internalsOf(objectId: string): ReadonlyMap<string, Remote> {
  const { internalProperties = [] } = propertiesOf(objectId);
  return new Map(
    internalProperties.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );
}

export function valueOf(remote: Remote | undefined): unknown {
  return remote?.objectId === undefined ? remote?.value : readRemote(remote.objectId);
}

export interface BoundParts {
  readonly target: unknown;
  readonly self: unknown;
  readonly args: readonly unknown[];
}

/** Undefined for a function that is not a bound one. @throws NoInspector */
export function boundParts(fn: AnyFunction): BoundParts | undefined {
  return withRemote(fn, (objectId) => {
    const internals = internalsOf(objectId);
    const target = valueOf(internals.get("[[TargetFunction]]"));
    if (target === undefined) return undefined;
    const args = valueOf(internals.get("[[BoundArgs]]")) as ArrayLike<unknown>;
    return { target, self: valueOf(internals.get("[[BoundThis]]")), args: Array.from(args) };
  });
}

/** @throws NoInspector */
export function privateFields(value: object): string[] {
  return withRemote(value, (objectId) =>
    (propertiesOf(objectId).privateProperties ?? []).map(({ name }) => name),
  );
}

function propertiesOf(objectId: string): Properties {
  return post<Properties>("Runtime.getProperties", { objectId, ownProperties: true });
}
