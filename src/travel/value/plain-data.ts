/**
 * Whether structured clone gives a faithful copy of a value: the same classes, no part lost. Such a value travels as it is.
 */
import { types } from "node:util";
import { intrinsicClass } from "./intrinsic.ts";

const VIEWS = new Set(
  (
    "Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array " +
    "Float32Array Float64Array BigInt64Array BigUint64Array DataView"
  ).split(" "),
);
const ERRORS = new Set("Error EvalError RangeError ReferenceError SyntaxError TypeError URIError".split(" "));
const ERROR_FIELDS = new Set(["stack", "message", "cause"]);

export function isPlainData(value: unknown, seen = new Set<unknown>()): boolean {
  if (typeof value === "function" || typeof value === "symbol") return false;
  if (typeof value !== "object" || value === null || seen.has(value)) return true;
  seen.add(value);
  if (types.isProxy(value)) return false;
  const plain = (part: unknown): boolean => isPlainData(part, seen);
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
      return types.isAnyArrayBuffer(value) && hasNoOwn(value);
    default:
      if (VIEWS.has(name)) return ArrayBuffer.isView(value);
      return ERRORS.has(name) && types.isNativeError(value) && isBareError(value, plain);
  }
}

/** Plain data that nothing can change any more: frozen through and through. */
export function isFrozenData(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (!Object.isFrozen(value) || !["Array", "Object"].includes(intrinsicClass(value) ?? "")) return false;
  return Object.values(value).every(isFrozenData);
}

function isOrdinary(value: object): boolean {
  return Object.prototype.toString.call(value) === "[object Object]" && !types.isExternal(value);
}

/** The values of all own properties; undefined when one is an accessor, hidden, or named by a symbol. */
function ownParts(value: object): unknown[] | undefined {
  const parts: unknown[] = [];
  for (const key of Reflect.ownKeys(value)) {
    if (key === "length" && Array.isArray(value)) continue;
    const property = Object.getOwnPropertyDescriptor(value, key)!;
    if (typeof key === "symbol" || !("value" in property) || property.enumerable !== true) return undefined;
    parts.push(property.value);
  }
  return parts;
}

function isBareError(error: Error, plain: (part: unknown) => boolean): boolean {
  return Reflect.ownKeys(error).every((key) => ERROR_FIELDS.has(String(key))) && plain(error.cause);
}

function hasNoOwn(value: object): boolean {
  return Reflect.ownKeys(value).length === 0;
}
