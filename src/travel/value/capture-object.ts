/**
 * Objects that structured clone would not copy faithfully: with functions in them, with a class, with accessors, frozen.
 */
import { types } from "node:util";
import { describe } from "../../wire/uncloneable.ts";
import type { Captured } from "./capture-nodes.ts";
import { intrinsicClass } from "./intrinsic.ts";
import { refuseLive, refusePrivate, refuseSlots } from "./live-object.ts";
import { refuse } from "./refuse.ts";
import type { Walk } from "./walk.ts";

type Keys = readonly (string | symbol)[];

/** @throws TravelError */
export function captureObject(value: object, path: string, walk: Walk): Captured {
  if (types.isProxy(value)) refuseLive(value, path);
  if (Buffer.isBuffer(value)) return captureBuffer(value, path, walk);
  const owner: unknown = Object.getOwnPropertyDescriptor(value, "constructor")?.value;
  if (typeof owner === "function" && owner.prototype === value) {
    return walk.add(value, () => ({ type: "prototype", of: walk.value(owner, `${path}.constructor`) }));
  }
  const keys = Reflect.ownKeys(value);
  if (types.isNativeError(value)) return captureError(value, keys, path, walk);
  return (
    captureContainer(value, keys, path, walk) ??
    captureOrdinary(value, keys, path, walk) ??
    captureInstance(value, keys, path, walk)
  );
}

function captureBuffer(value: Buffer, path: string, walk: Walk): Captured {
  const isBare = Object.getPrototypeOf(value) === Buffer.prototype && Object.isExtensible(value);
  if (!isBare) {
    refuse("live-object", path, "it is a Buffer with a class or a state of its own. Pass a plain one.");
  }
  const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return walk.add(value, () => ({ type: "buffer", bytes }));
}

function captureContainer(value: object, keys: Keys, path: string, walk: Walk): Captured | undefined {
  const name = intrinsicClass(value);
  if (name === "Map" && types.isMap(value)) {
    return walk.add(value, () => ({
      type: "map",
      entries: [...Map.prototype.entries.call(value)].map(([key, item]: [unknown, unknown]) => [
        walk.value(key, `${path} (a key)`),
        walk.value(item, `${path}.get(${typeof key === "string" ? JSON.stringify(key) : describe(key)})`),
      ]),
      ...walk.own(value, keys, path),
    }));
  }
  if (name === "Set" && types.isSet(value)) {
    return walk.add(value, () => ({
      type: "set",
      items: [...Set.prototype.values.call(value)].map((item: unknown) =>
        walk.value(item, `${path} (an entry)`),
      ),
      ...walk.own(value, keys, path),
    }));
  }
  if (name === "RegExp" && types.isRegExp(value)) {
    const { source, flags } = value;
    return walk.add(value, () => ({ type: "regexp", source, flags, ...walk.own(value, keys, path) }));
  }
  if (name === "Date" && types.isDate(value)) {
    const time = Date.prototype.getTime.call(value);
    return walk.add(value, () => ({ type: "date", time, ...walk.own(value, keys, path) }));
  }
  return undefined;
}

function captureOrdinary(value: object, keys: Keys, path: string, walk: Walk): Captured | undefined {
  const name = intrinsicClass(value);
  if (name === "Array" && Array.isArray(value)) {
    return walk.add(value, () => ({ type: "array", ...walk.own(value, keys, path) }));
  }
  if (name !== "Object" && name !== "null" && !isDictionary(value)) return undefined;
  // `arguments`, or a built-in object whose prototype was changed.
  if (Object.prototype.toString.call(value) !== "[object Object]" && !hasOwnTag(value)) {
    refuse(
      "live-object",
      path,
      "it is no plain object, though it looks like one. Copy what is needed of it.",
    );
  }
  return dictionary(value, keys, path, walk);
}

function dictionary(value: object, keys: Keys, path: string, walk: Walk): Captured {
  refuseSlots(value, path);
  const parent = Object.getPrototypeOf(value) as object | null;
  const inherits = intrinsicClass(value) !== "Object";
  return walk.add(value, () => ({
    type: "object",
    ...walk.own(value, keys, path),
    ...(inherits && { parent: walk.value(parent, `${path} (its prototype)`) }),
  }));
}

/** Nothing but own fields, all the way up: as the metadata of decorators is. */
function isDictionary(value: object): boolean {
  if (types.isExternal(value) || Object.hasOwn(value, "constructor")) return false;
  const parent = Object.getPrototypeOf(value) as object | null;
  return parent === null || (!types.isProxy(parent) && isDictionary(parent));
}

function hasOwnTag(value: object): boolean {
  return Object.hasOwn(value, Symbol.toStringTag) && !types.isModuleNamespaceObject(value);
}

/** Of a class of the language or of the program; those of Node's own classes hold what only Node can make. */
function captureError(value: Error, keys: Keys, path: string, walk: Walk): Captured {
  refusePrivate(value, path);
  const constructor = classOf(value, path);
  const { stack } = value as { stack?: unknown };
  return walk.add(value, () => ({
    type: "error",
    constructor: walk.value(constructor, `${path}.constructor`),
    stack: typeof stack === "string" ? stack : undefined,
    ...walk.own(
      value,
      keys.filter((key) => key !== "stack"),
      path,
    ),
  }));
}

function captureInstance(value: object, keys: Keys, path: string, walk: Walk): Captured {
  refuseLive(value, path);
  const constructor = classOf(value, path);
  walk.warn(`${path} is ${describe(value)}: the worker gets a copy of it`);
  return walk.add(value, () => ({
    type: "instance",
    constructor: walk.value(constructor, `${path}.constructor`),
    ...walk.own(value, keys, path),
  }));
}

function classOf(value: object, path: string): unknown {
  const prototype: unknown = Object.getPrototypeOf(value);
  const Class: unknown =
    prototype === null ? undefined : Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof Class !== "function" || Class.prototype !== prototype) {
    refuse(
      "live-object",
      path,
      "it is an object with a prototype of its own. Give it a class, or pass plain data.",
    );
  }
  return Class;
}
