/**
 * Objects that structured clone would not copy faithfully: with functions in them, with a class, with accessors.
 */
import { types } from "node:util";
import { describe } from "../../wire/uncloneable.ts";
import type { Captured } from "./capture-nodes.ts";
import { refuseHiddenState } from "./hidden-state.ts";
import { intrinsicClass } from "./intrinsic.ts";
import { refuseLive } from "./live-object.ts";
import { refuse } from "./refuse.ts";
import type { Walk } from "./walk.ts";

/** @throws TravelError */
export function captureObject(value: object, path: string, walk: Walk): Captured {
  if (types.isProxy(value)) refuseLive(value, path);
  if (Buffer.isBuffer(value)) {
    return walk.add(value, () => ({ type: "buffer", bytes: new Uint8Array(value) }));
  }
  const owner: unknown = Object.getOwnPropertyDescriptor(value, "constructor")?.value;
  if (typeof owner === "function" && owner.prototype === value) {
    return walk.add(value, () => ({ type: "prototype", of: walk.value(owner, `${path}.constructor`) }));
  }
  const keys = Reflect.ownKeys(value);
  switch (intrinsicClass(value)) {
    case "Array":
      if (!Array.isArray(value)) break;
      return walk.add(value, () => ({
        type: "array",
        length: value.length,
        fields: walk.fields(
          value,
          keys.filter((key) => key !== "length"),
          path,
        ),
      }));
    case "Map":
      if (!types.isMap(value) || keys.length > 0) break;
      return walk.add(value, () => ({
        type: "map",
        entries: [...value].map(([key, item]: [unknown, unknown]) => [
          walk.value(key, `${path} (a key)`),
          walk.value(item, `${path}.get(${typeof key === "string" ? JSON.stringify(key) : describe(key)})`),
        ]),
      }));
    case "Set":
      if (!types.isSet(value) || keys.length > 0) break;
      return walk.add(value, () => ({
        type: "set",
        items: [...value].map((item) => walk.value(item, `${path} (an entry)`)),
      }));
    case "RegExp":
      if (!types.isRegExp(value) || keys.length > 1) break;
      return walk.add(value, () => {
        const { source, flags, lastIndex } = value;
        return { type: "regexp", source, flags, lastIndex };
      });
    case "Object":
    case "null":
      // `arguments`, or an error whose prototype was changed.
      if (Object.prototype.toString.call(value) !== "[object Object]" && !hasOwnTag(value)) {
        refuse(
          "live-object",
          path,
          "it is no plain object, though it looks like one. Copy what is needed of it.",
        );
      }
      return dictionary(value, keys, path, walk);
    default:
      break;
  }
  if (isDictionary(value)) return dictionary(value, keys, path, walk);
  return captureInstance(value, keys, path, walk);
}

function dictionary(value: object, keys: readonly (string | symbol)[], path: string, walk: Walk): Captured {
  const parent = Object.getPrototypeOf(value) as object | null;
  const inherits = intrinsicClass(value) !== "Object";
  return walk.add(value, () => ({
    type: "object",
    fields: walk.fields(value, keys, path),
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

function captureInstance(
  value: object,
  keys: readonly (string | symbol)[],
  path: string,
  walk: Walk,
): Captured {
  refuseLive(value, path);
  const Class: unknown = (value as { constructor?: unknown }).constructor;
  if (typeof Class !== "function" || Class.prototype !== Object.getPrototypeOf(value)) {
    return refuse(
      "live-object",
      path,
      "it is an object with a prototype of its own. Give it a class, or pass plain data.",
    );
  }
  refuseHiddenState(value, path);
  walk.warn(`${path} is ${describe(value)}: the worker gets a copy of it`);
  return walk.add(value, () => ({
    type: "instance",
    constructor: walk.value(Class, `${path}.constructor`),
    fields: walk.fields(value, keys, path),
  }));
}
