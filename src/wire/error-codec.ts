/**
 * Errors on their way. A user's error comes back as itself: name, message, own fields, cause, `AggregateError.errors`, and
 * its class where that is built in or can be found on the other side. What cannot be copied is replaced by a description.
 *
 * Encoding never throws and its result always clones, whatever was thrown: a Proxy, a getter that throws, a frozen object.
 */
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

const BUILT_IN: Readonly<Record<string, ErrorClass>> = {
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
  AggregateError,
};
// Chains of causes can be cyclic or absurdly long; nobody reads the ninth.
const DEEPEST_CAUSE = 8;
const TREATED = new Set(["name", "message", "stack", "cause", "errors"]);

export function encodeError(thrown: unknown, depth = 0): WireError {
  try {
    if (!(thrown instanceof Error)) {
      const clones = typeof thrown !== "function" && typeof thrown !== "symbol" && copies(thrown);
      return clones ? { kind: "value", value: thrown } : { kind: "opaque", what: describe(thrown) };
    }
    const constructor = attempt(() => thrown.constructor as { name?: unknown });
    const className = typeof constructor?.name === "string" ? constructor.name : "Error";
    const known =
      Object.hasOwn(BUILT_IN, className) || family.isOffloopError(thrown) || className === "DOMException";
    const cause = attempt(() => (Object.hasOwn(thrown, "cause") ? { value: thrown.cause } : undefined));
    const errors =
      thrown instanceof AggregateError ? attempt(() => [...(thrown.errors as unknown[])]) : undefined;
    const deeper = depth < DEEPEST_CAUSE;
    return {
      kind: "error",
      name: string(attempt(() => thrown.name)) ?? className,
      className,
      ...(!known && typeof constructor === "function" && { classText: String(constructor) }),
      message: string(attempt(() => thrown.message)) ?? "",
      stack: string(attempt(() => thrown.stack)),
      fields: fieldsOf(thrown),
      ...(cause && deeper && { cause: encodeError(cause.value, depth + 1) }),
      ...(errors && deeper && { errors: errors.map((error) => encodeError(error, depth + 1)) }),
    };
  } catch {
    return { kind: "opaque", what: describe(thrown) };
  }
}

/** Only text: for an error whose fields clone here but not on the way that it takes. */
export function encodePlainly(error: WireError): WireError {
  if (error.kind !== "error") {
    return { kind: "opaque", what: error.kind === "value" ? describe(error.value) : error.what };
  }
  const { name, className, message, stack } = error;
  return { kind: "error", name, className, message, stack, fields: [] };
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
  const error =
    wire.className === "DOMException" ? new DOMException(wire.message, wire.name) : new Error(wire.message);
  const Class = classFor(wire, context);
  if (Class !== undefined && !(error instanceof DOMException)) {
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

function classFor(wire: EncodedError, context: DecodeContext): ErrorClass | undefined {
  if (Object.hasOwn(BUILT_IN, wire.className)) return BUILT_IN[wire.className];
  if (wire.classText !== undefined) return context.findClass(wire.className, wire.classText);
  const own = (family as Record<string, unknown>)[wire.className];
  return typeof own === "function" && own.prototype instanceof family.OffloopError
    ? (own as ErrorClass)
    : undefined;
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
