/**
 * What a function closes over, what it is bound to, which private fields an object has: values, straight from V8.
 */
import type { AnyFunction } from "../core/function-handle.ts";
import { readRemote, withRemote } from "./inspector.ts";
import { internalsOf, type OpenScope, propertiesOf, type Remote, scopesOf } from "./internals.ts";

/** A scope with what its variables hold now. Later changes do not show in it. */
export interface ScopeValues extends Pick<OpenScope, "kind" | "of"> {
  /** An object without a prototype. Reading a property of it may throw: that variable has no value yet. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** Innermost first, without the global scope. @throws NoInspector */
export function scopeValues(fn: AnyFunction): ScopeValues[] {
  return withRemote(fn, (objectId) =>
    scopesOf(internalsOf(objectId)).flatMap(({ kind, of, variables }) =>
      kind === "Global" ? [] : [{ kind, of, values: variables() }],
    ),
  );
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

function valueOf(remote: Remote | undefined): unknown {
  return remote?.objectId === undefined ? remote?.value : readRemote(remote.objectId);
}
