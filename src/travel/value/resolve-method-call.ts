/**
 * A call of a decorated method. By reference: a worker has the method and the class of what it was called on, and gets the
 * fields. Else by value, all of it: a class that were half here and half there would have two sets of the variables it uses.
 */
import { TravelError } from "../../core/errors.ts";
import type { AnyFunction, FunctionHandle } from "../../core/function-handle.ts";
import { Inspection } from "../../inspect/inspection.ts";
import { becomeUnfound, decoratedReference, isInEntry, isUnfound } from "../decorated.ts";
import { findReference } from "../find-reference.ts";
import type { MethodCall } from "../method-call.ts";
import type { FunctionReference, ValueReference } from "../reference.ts";
import { isUnloadable } from "../unloadable.ts";
import { knownReference } from "./known-reference.ts";
import { captureOf, valueHandle, warnOnce } from "./resolve-by-value.ts";

/** @throws TravelError naming what cannot travel */
export function resolveMethodCall(
  fn: AnyFunction,
  call: MethodCall,
  travel: "auto" | "reference" | "value",
): FunctionHandle {
  if (travel === "value") return captured(fn, call);
  const references = referencesOf(call);
  if (references === undefined && travel === "reference") throw refusal(fn, call);
  return captured(fn, call, references);
}

/** A worker did not find them. */
export function refuseDecorated({ plain, self }: MethodCall): void {
  const Class = classOf(self);
  becomeUnfound(Class === undefined ? [plain] : [plain, Class]);
}

/** Whether a method was sent so: by value there would be no such part. Others may have been refused since. */
export function isByReference({ reference }: FunctionHandle): boolean {
  const { nodes } = (reference as ValueReference).capture;
  return nodes.some(
    (node) => node.type === "reference" && (node.reference as FunctionReference).kind === "decorated",
  );
}

type References = ReadonlyMap<AnyFunction, FunctionReference>;

/** Undefined unless a worker finds both. */
function referencesOf({ plain, self }: MethodCall): References | undefined {
  const method = decoratedReference(plain);
  const Class = classOf(self);
  const ofClass = method && Class && (decoratedReference(Class) ?? exportedReference(Class));
  if (method === undefined || ofClass === undefined) return undefined;
  return new Map<AnyFunction, FunctionReference>([
    [plain, method],
    [Class!, ofClass],
  ]);
}

const exported = new WeakMap<AnyFunction, FunctionReference | null>();

/** For a class without decorated methods of its own, as far as this side can tell: it may not be exported. */
function exportedReference(Class: AnyFunction): FunctionReference | undefined {
  if (isUnfound(Class)) return undefined;
  let reference = exported.get(Class);
  if (reference === undefined) exported.set(Class, (reference = attempt(Class)));
  const isThere = reference !== null && !isUnloadable((reference as { module?: string }).module);
  return isThere ? reference! : undefined;
}

function attempt(Class: AnyFunction): FunctionReference | null {
  try {
    return findReference(Class, new Inspection());
  } catch (error) {
    if (error instanceof TravelError) return null;
    throw error;
  }
}

function classOf(self: object): AnyFunction | undefined {
  if (typeof self === "function") return self as AnyFunction;
  const prototype: unknown = Object.getPrototypeOf(self);
  const Class: unknown =
    prototype === null ? undefined : (prototype as { constructor?: unknown }).constructor;
  return typeof Class === "function" ? (Class as AnyFunction) : undefined;
}

function captured(fn: AnyFunction, { plain, self }: MethodCall, references?: References): FunctionHandle {
  const referenceOf = references && ((part: AnyFunction) => references.get(part) ?? knownReference(part));
  const result = captureOf(fn, referenceOf && { referenceOf });
  // That `this` and what it holds are copies is what the decorator says.
  const warnings = result.warnings.filter(
    (text) => !/^this\b.* is .*: the worker gets a copy of it$/.test(text),
  );
  warnOnce(plain, { warnings, captured: result.captured });
  // A class that goes by reference is nothing but a name: the same in each call.
  const isConstant = references?.has(self as AnyFunction) === true;
  return valueHandle(fn, result, isConstant);
}

function refusal({ name }: AnyFunction, { plain }: MethodCall): TravelError {
  return isInEntry(plain)
    ? new TravelError(
        "entry",
        name,
        "its class is in the file that the program was started with. Move it to a module of its own.",
      )
    : new TravelError(
        "not-exported",
        name,
        "no worker can find its class. Decorate the methods of a class at the top level of a module, and export it.",
      );
}
