/**
 * Errors on their way. A user's error comes back as itself: name, message, own fields, cause, `AggregateError.errors`, and
 * its class where that is built in or can be found on the other side. What cannot be copied is replaced by a description.
 *
 * Encoding never throws and its result always clones, whatever was thrown: a Proxy, a getter that throws, a frozen object.
 */
import { types } from "node:util";
import * as family from "../core/errors.ts";
import { describe } from "./uncloneable.ts";

export type WireError =
  /** Something that is not an error was thrown, and it clones. */
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "opaque"; readonly what: string }
  | EncodedError;

interface EncodedError {
  readonly kind: "error";
  readonly name: string;
  readonly className: string;
  /** The source of a class that is not built in: two classes of one name are told apart by it. */
  readonly classText?: string;
  /** The built-in class below it. */
  readonly base?: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly fields: readonly (readonly [string, unknown])[];
  readonly cause?: WireError;
  readonly errors?: readonly WireError[];
}

export type ErrorClass = abstract new (...args: never[]) => Error;

/** What decoding may use of its own side. */
export interface DecodeContext {
  /** For the last line of the joined stack: which worker of which executor. */
  readonly where: string;
  /** A class of the user's program, or undefined. */
  findClass(name: string, text: string): ErrorClass | undefined;
}

const BUILT_IN: ReadonlyMap<string, ErrorClass> = new Map(
  [
    Error,
    TypeError,
    RangeError,
    SyntaxError,
    ReferenceError,
    EvalError,
    URIError,
    AggregateError,
    DOMException,
  ].map((Class) => [Class.name, Class]),
);
const TREATED = new Set(["name", "message", "stack", "cause", "errors"]);
// Chains of causes can be cyclic or absurdly long; nobody reads the ninth.
const DEEPEST_CAUSE = 8;
// An AggregateError that holds itself twice would double with each level. Nobody reads the thousandth either.
const MOST_ERRORS = 1_000;

export function encodeError(thrown: unknown): WireError {
  return encode(thrown, { depth: 0, allowance: { left: MOST_ERRORS } });
}

interface Place {
  readonly depth: number;
  /** How many more errors this one may bring along, all levels together. */
  readonly allowance: { left: number };
}

function encode(thrown: unknown, place: Place): WireError {
  place.allowance.left--;
  try {
    if (!(thrown instanceof Error || types.isNativeError(thrown))) {
      const clones = typeof thrown !== "function" && typeof thrown !== "symbol" && copies(thrown);
      return clones ? { kind: "value", value: thrown } : { kind: "opaque", what: describe(thrown) };
    }
    const constructor = attempt(() => thrown.constructor as { name?: unknown });
    const className = string(attempt(() => constructor?.name)) ?? "Error";
    const ours = Object.hasOwn(family, className) && attempt(() => family.isOffloopError(thrown)) === true;
    const named = ours || BUILT_IN.has(className);
    const base = attempt(() => builtInBase(thrown));
    return {
      kind: "error",
      name: string(attempt(() => thrown.name)) ?? className,
      className,
      ...(!named &&
        typeof constructor === "function" && { classText: Function.prototype.toString.call(constructor) }),
      ...(base !== className && base !== undefined && { base }),
      message: string(attempt(() => thrown.message)) ?? "",
      stack: string(attempt(() => thrown.stack)),
      fields: fieldsOf(thrown),
      ...(place.depth < DEEPEST_CAUSE && within(thrown, { ...place, depth: place.depth + 1 })),
    };
  } catch {
    return { kind: "opaque", what: describe(thrown) };
  }
}

/** The errors that an error holds. */
function within(error: Error, place: Place): Pick<EncodedError, "cause" | "errors"> {
  const cause = attempt(() => (Object.hasOwn(error, "cause") ? { value: error.cause } : undefined));
  const errors = error instanceof AggregateError ? attempt(() => error.errors as unknown) : undefined;
  return {
    ...(cause && { cause: encode(cause.value, place) }),
    ...(Array.isArray(errors) && { errors: encodeAll(errors, place) }),
  };
}

function encodeAll(errors: readonly unknown[], place: Place): WireError[] {
  const encoded: WireError[] = [];
  for (let index = 0; index < errors.length && place.allowance.left > 0; index++) {
    encoded.push(encode(errors[index], place));
  }
  const left = errors.length - encoded.length;
  if (left > 0) encoded.push({ kind: "opaque", what: `one of ${left} more errors` });
  return encoded;
}

/** Of the prototype chain, because a class's own name may be any. */
function builtInBase(error: Error): string | undefined {
  for (let above: unknown = error; above !== null; above = Object.getPrototypeOf(above)) {
    const { constructor } = above as { constructor: { name?: unknown } | undefined };
    const name = constructor?.name;
    if (typeof name === "string" && BUILT_IN.has(name)) return name;
  }
  return undefined;
}

/** Only text: for an error whose fields clone here but not on the way that it takes. */
export function encodePlainly(error: WireError): WireError {
  if (error.kind !== "error") {
    return { kind: "opaque", what: error.kind === "value" ? describe(error.value) : error.what };
  }
  const { name, className, base, message, stack } = error;
  return { kind: "error", name, className, ...(base && { base }), message, stack, fields: [] };
}

export function decodeError(wire: WireError, context: DecodeContext): unknown {
  switch (wire.kind) {
    case "value":
      return wire.value;
    case "opaque":
      return new family.SerializationError("error", "the thrown value", wire.what);
    case "error":
      return rebuild(wire, context);
  }
}

function rebuild(wire: EncodedError, context: DecodeContext): Error {
  const Class = classFor(wire, context);
  const error = Class === DOMException ? new DOMException(wire.message, wire.name) : new Error(wire.message);
  if (Class !== undefined && Class !== DOMException) {
    Object.setPrototypeOf(error, Class.prototype as object);
  }
  define(error, "stack", `${wire.stack ?? `${wire.name}: ${wire.message}`}\n    at ${context.where}`);
  if (error.name !== wire.name) define(error, "name", wire.name);
  for (const [key, value] of wire.fields) define(error, key, value, true);
  if (wire.cause !== undefined) define(error, "cause", decodeError(wire.cause, context));
  if (wire.errors !== undefined) {
    define(
      error,
      "errors",
      wire.errors.map((inner) => decodeError(inner, context)),
    );
  }
  return error;
}

/** The class itself, or the built-in one that it extends: a `catch` that asks for a TypeError still sees one. */
function classFor(wire: EncodedError, context: DecodeContext): ErrorClass | undefined {
  const builtIn = BUILT_IN.get(wire.className);
  if (builtIn !== undefined) return builtIn;
  const base = BUILT_IN.get(wire.base ?? "Error");
  if (wire.classText !== undefined) return context.findClass(wire.className, wire.classText) ?? base;
  const own = (family as Record<string, unknown>)[wire.className];
  return typeof own === "function" && own.prototype instanceof family.OffloopError
    ? (own as ErrorClass)
    : base;
}

function fieldsOf(error: Error): [string, unknown][] {
  const fields: [string, unknown][] = [];
  for (const key of Object.keys(error)) {
    if (TREATED.has(key)) continue;
    const held = attempt(() => ({ value: (error as unknown as Record<string, unknown>)[key] }));
    const value = held === undefined ? "[a getter that throws]" : held.value;
    fields.push([key, copies(value) ? value : `[${describe(value)}]`]);
  }
  return fields;
}

function define(target: object, key: string, value: unknown, enumerable = false): void {
  Object.defineProperty(target, key, { value, enumerable, writable: true, configurable: true });
}

function copies(value: unknown): boolean {
  if (typeof value !== "object" || value === null) {
    return typeof value !== "function" && typeof value !== "symbol";
  }
  return attempt(() => structuredClone(value)) !== undefined;
}

function string(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
