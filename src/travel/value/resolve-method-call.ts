/**
 * A call of a decorated method. By reference: a worker has the method and the class of what it was called on, and gets the
 * fields. Else by value, all of it: a class that were half here and half there would have two sets of the variables it uses.
 */
import { TravelError } from "../../core/errors.ts";
import { type AnyFunction, type FunctionHandle, functionHandle } from "../../core/function-handle.ts";
import { becomeUnfound, decoratedReference, isInEntry, isUnfound } from "../decorated.ts";
import type { MethodCall } from "../method-call.ts";
import type { FindReference } from "./capture.ts";
import { knownReference } from "./known-reference.ts";
import { captureOf, warnOnce } from "./resolve-by-value.ts";

interface Options {
  readonly travel: "auto" | "reference" | "value";
  /** For a class without decorated methods of its own. */
  readonly findClass: FindReference;
}

// A class that goes by reference is nothing but a name: the same in each call.
const constants = new WeakMap<AnyFunction, FunctionHandle>();

/** @throws TravelError naming what cannot travel */
export function resolveMethodCall(
  fn: AnyFunction,
  call: MethodCall,
  { travel, findClass }: Options,
): FunctionHandle {
  if (travel === "value") return captured(fn, call, knownReference);
  const known = constants.get(fn);
  if (known !== undefined) return known;
  const references = referencesOf(call, findClass);
  if (references === undefined && travel === "reference") throw refusal(fn, call);
  const handle = captured(fn, call, (part) => references?.get(part) ?? knownReference(part));
  if (references?.has(call.self as AnyFunction) === true) {
    const constant = { ...handle, once: false };
    constants.set(fn, constant);
    return constant;
  }
  return handle;
}

/** A worker did not find them. True when that was news, so that another attempt is worth it. */
export function refuseDecorated(fn: AnyFunction, { plain, self }: MethodCall): boolean {
  constants.delete(fn);
  const Class = classOf(self);
  return becomeUnfound(Class === undefined ? [plain] : [plain, Class]);
}

type References = ReadonlyMap<AnyFunction, ReturnType<FindReference>>;

/** Undefined unless a worker finds both. */
function referencesOf({ plain, self }: MethodCall, findClass: FindReference): References | undefined {
  const method = decoratedReference(plain);
  const Class = classOf(self);
  if (method === undefined || Class === undefined || isUnfound(Class)) return undefined;
  const ofClass = decoratedReference(Class) ?? findClass(Class);
  return ofClass && new Map([[plain, method], [Class, ofClass]]);
}

function classOf(self: object): AnyFunction | undefined {
  if (typeof self === "function") return self as AnyFunction;
  const prototype: unknown = Object.getPrototypeOf(self);
  const Class: unknown = prototype === null ? undefined : (prototype as { constructor?: unknown }).constructor;
  return typeof Class === "function" ? (Class as AnyFunction) : undefined;
}

function captured(fn: AnyFunction, { plain }: MethodCall, findReference: FindReference): FunctionHandle {
  const result = captureOf(fn, findReference);
  // That `this` is a copy is what the decorator says.
  const warnings = result.warnings.filter((text) => !text.startsWith("this is "));
  warnOnce(plain, { warnings, captured: result.captured });
  return functionHandle(fn, { kind: "value", capture: result.capture }, true);
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
