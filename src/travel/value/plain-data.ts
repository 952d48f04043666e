/**
 * Whether structured clone gives a faithful copy of a value: the same classes, no part lost. Such a value travels as it is.
 */
import { types } from "node:util";
import { isDetached } from "../../wire/transfer.ts";
import { intrinsicClass } from "./intrinsic.ts";

const VIEWS = new Set(
  (
    "Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array " +
    "Float32Array Float64Array BigInt64Array BigUint64Array DataView"
  ).split(" "),
);
const ERRORS = new Set("Error EvalError RangeError ReferenceError SyntaxError TypeError URIError".split(" "));
const ERROR_FIELDS = new Set(["stack", "message", "cause"]);

// Processes on Node 22 and 24 cannot read lists of 1 600 links.
const DEEPEST = 1_000;

export function isPlainData(value: unknown, seen = new Set<unknown>(), depth = 0): boolean {
  if (typeof value === "function" || typeof value === "symbol") return false;
  if (typeof value !== "object" || value === null || seen.has(value)) return true;
  seen.add(value);
  if (types.isProxy(value) || !Object.isExtensible(value)) return false;
  if (depth > DEEPEST) return false;
  const plain = (part: unknown): boolean => isPlainData(part, seen, depth + 1);
  const name = intrinsicClass(value) ?? "";
  switch (name) {
    case "Array":
      return Array.isArray(value) && ownParts(value)?.every(plain) === true;
    case "Object":
      // Not an instance of something in disguise: `arguments`, an error whose prototype was changed.
      return isOrdinary(value) && ownParts(value)?.every(plain) === true;
    case "Map":
      return types.isMap(value) && hasNoOwn(value) && [...value].every((entry) => entry.every(plain));
    case "Set":
      return types.isSet(value) && hasNoOwn(value) && [...value].every(plain);
    case "Date":
      return types.isDate(value) && hasNoOwn(value);
    case "RegExp":
      return types.isRegExp(value) && value.lastIndex === 0 && Reflect.ownKeys(value).length === 1;
    case "ArrayBuffer":
    case "SharedArrayBuffer":
      return types.isAnyArrayBuffer(value) && hasNoOwn(value) && !isDetached(value);
    default:
      if (VIEWS.has(name)) return ArrayBuffer.isView(value) && hasNoNames(value) && !isDetached(value.buffer);
      return ERRORS.has(name) && types.isNativeError(value) && isBareError(value, plain);
  }
}

/** Plain data that nothing can change any more: frozen through and through. */
export function isFrozenData(value: unknown, seen = new Set<unknown>()): boolean {
  if (typeof value !== "object" || value === null || seen.has(value)) return true;
  seen.add(value);
  if (!Object.isFrozen(value) || !["Array", "Object"].includes(intrinsicClass(value) ?? "")) return false;
  return ownParts(value, true)?.every((part) => isFrozenData(part, seen)) === true;
}

function isOrdinary(value: object): boolean {
  return Object.prototype.toString.call(value) === "[object Object]" && !types.isExternal(value);
}

/** The values of all own properties; undefined when one is an accessor, no ordinary one, or named by a symbol. */
function ownParts(value: object, mayBeFrozen = false): unknown[] | undefined {
  const parts: unknown[] = [];
  for (const key of Reflect.ownKeys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key)!;
    const isFree = mayBeFrozen || property.writable === true;
    if (key === "length" && Array.isArray(value) && isFree) continue;
    if (typeof key === "symbol" || !("value" in property) || property.enumerable !== true) return undefined;
    if (!isFree || (!mayBeFrozen && property.configurable !== true)) return undefined;
    parts.push(property.value);
  }
  return parts;
}

function isBareError(error: Error, plain: (part: unknown) => boolean): boolean {
  return Reflect.ownKeys(error).every((key) => {
    const property = Object.getOwnPropertyDescriptor(error, key)!;
    if (key === "stack") return property.enumerable === false;
    const isGiven = property.writable === true && property.configurable === true && !property.enumerable!;
    if (!ERROR_FIELDS.has(String(key)) || !isGiven) return false;
    return key === "cause" ? plain(property.value) : typeof property.value === "string";
  });
}

// To list the properties of a view is to list its elements.
const MOST_LISTED = 4_096;

function hasNoNames(view: ArrayBufferView): boolean {
  const { length = 0 } = view as { length?: number };
  return length > MOST_LISTED || Reflect.ownKeys(view).length === length;
}

function hasNoOwn(value: object): boolean {
  return Reflect.ownKeys(value).length === 0;
}
