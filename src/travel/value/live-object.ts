/**
 * Values that mean something only where they are. Each gets the reason that its author can act on.
 */
import { types } from "node:util";
import type { AnyFunction } from "../../core/function-handle.ts";
import { locate, urlOf } from "../../inspect/locate.ts";
import { describe } from "../../wire/uncloneable.ts";
import { hasDecorated } from "../decorated.ts";
import { isNative, sourceOf } from "../reference.ts";
import { refuseHiddenState } from "./hidden-state.ts";
import { intrinsicPrototype } from "./intrinsic.ts";
import { privateMember } from "./private-members.ts";
import { refuse } from "./refuse.ts";

/** @throws TravelError unless the object is an instance of classes that were all written in JavaScript of this program. */
export function refuseLive(value: object, path: string): void {
  refuseSlots(value, path);
  for (let prototype = prototypeOf(value); prototype !== null; prototype = prototypeOf(prototype)) {
    if (intrinsicPrototype(prototype) === "Object") return refusePrivate(value, path);
    const Class = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value as unknown;
    if (typeof Class !== "function") {
      live(path, "an object with a prototype of its own", "Give it a class, or pass plain data.");
    }
    if (isNative(sourceOf(Class)) || isNodes(Class as AnyFunction)) {
      live(
        path,
        `${describe(value)}, a live object that exists only in this thread`,
        "Open it inside the function, or pass plain data as an argument.",
      );
    }
  }
  return refusePrivate(value, path);
}

/** @throws TravelError for what is more than its properties, though its class is none of the language's, or is hidden. */
export function refuseSlots(value: object, path: string): void {
  if (types.isProxy(value)) live(path, "a Proxy", "Pass a plain value as an argument.");
  if (types.isPromise(value)) live(path, "a Promise", "Await it first and pass the value.");
  if (types.isWeakMap(value) || types.isWeakSet(value) || value instanceof WeakRef) {
    live(path, `${describe(value)}, whose content cannot be seen`, "Pass a Map or a Set.");
  }
  if (types.isGeneratorObject(value) || types.isExternal(value) || types.isModuleNamespaceObject(value)) {
    live(path, describe(value), "Pass what the function needs of it as an argument.");
  }
  if (hasSlots(value)) {
    live(
      path,
      `${describe(value)}, which cannot be copied with its class`,
      "Pass a plain one, or what it holds.",
    );
  }
}

function live(path: string, what: string, instead: string): never {
  return refuse("live-object", path, `it is ${what}. ${instead}`);
}

/** @throws TravelError for an object with private members. */
export function refusePrivate(value: object, path: string): void {
  refuseHiddenState(value, path);
  const member = privateMember(value);
  if (member === undefined) return;
  const why = `it is ${describe(value)} with the private member ${member}, which cannot be copied. Give the class plain members, or pass the data that the function needs.`;
  refuse("private-field", path, why);
}

function hasSlots(value: object): boolean {
  const isBuiltIn =
    types.isMap(value) ||
    types.isSet(value) ||
    types.isDate(value) ||
    types.isRegExp(value) ||
    Array.isArray(value);
  const isBinary = ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value);
  return isBuiltIn || isBinary || types.isBoxedPrimitive(value) || types.isArgumentsObject(value);
}

function prototypeOf(value: object): object | null {
  return Object.getPrototypeOf(value) as object | null;
}

const ofNode = new WeakMap<object, boolean>();

function isNodes(Class: AnyFunction): boolean {
  let known = ofNode.get(Class);
  // The script of a function is dear to learn, and nobody decorates Node's classes.
  if (known === undefined) ofNode.set(Class, (known = !hasDecorated(Class) && isInNode(Class)));
  return known;
}

function isInNode(Class: AnyFunction): boolean {
  const location = locate(Class);
  return location !== undefined && urlOf(location).startsWith("node:");
}
