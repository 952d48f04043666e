/**
 * Values that mean something only where they are. Each gets the reason that its author can act on.
 */
import { types } from "node:util";
import type { AnyFunction } from "../../core/function-handle.ts";
import { locate, urlOf } from "../../inspect/locate.ts";
import { describe } from "../../wire/uncloneable.ts";
import { hasDecorated } from "../decorated.ts";
import { isNative, sourceOf } from "../reference.ts";
import { intrinsicPrototype } from "./intrinsic.ts";
import { privateMember } from "./private-members.ts";
import { refuse } from "./refuse.ts";

/** @throws TravelError unless the object is an instance of classes that were all written in JavaScript of this program. */
export function refuseLive(value: object, path: string): void {
  const live = (what: string, instead: string): never =>
    refuse("live-object", path, `it is ${what}. ${instead}`);
  if (types.isProxy(value)) live("a Proxy", "Pass a plain value as an argument.");
  if (types.isPromise(value)) live("a Promise", "Await it first and pass the value.");
  if (types.isWeakMap(value) || types.isWeakSet(value) || value instanceof WeakRef) {
    live(`${describe(value)}, whose content cannot be seen`, "Pass a Map or a Set.");
  }
  if (types.isGeneratorObject(value) || types.isExternal(value) || types.isModuleNamespaceObject(value)) {
    live(describe(value), "Pass what the function needs of it as an argument.");
  }
  for (let prototype = prototypeOf(value); prototype !== null; prototype = prototypeOf(prototype)) {
    if (intrinsicPrototype(prototype) === "Object") return refusePrivate(value, path);
    const Class = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value as unknown;
    if (typeof Class !== "function") {
      live("an object with a prototype of its own", "Give it a class, or pass plain data.");
    }
    if (isNative(sourceOf(Class as object)) || isNodes(Class as AnyFunction)) {
      live(
        `${describe(value)}, a live object that exists only in this thread`,
        "Open it inside the function, or pass plain data as an argument.",
      );
    }
  }
  return refusePrivate(value, path);
}

function refusePrivate(value: object, path: string): void {
  const member = privateMember(value);
  if (member === undefined) return;
  const why = `it is ${describe(value)} with the private member ${member}, which cannot be copied. Give the class plain members, or pass the data that the function needs.`;
  refuse("private-field", path, why);
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
