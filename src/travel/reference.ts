/**
 * How a worker finds a function: plain data that main sends once. Resolving (main) makes it, loading (worker) reads it.
 */

import { type AnyFunction, functionName } from "../core/function-handle.ts";
import type { Before } from "./package-entry.ts";
import type { Capture } from "./value/capture-nodes.ts";

export type FunctionReference =
  /** A `threaded()` call at the top level of a module: the worker imports the module, and the same call registers again. */
  | RegisteredReference
  /** A method that `@threaded` was put on, or its class: the worker imports the module, and the same decorator does the same. */
  | DecoratedReference
  /** An export of a module. */
  | ExportedReference
  /** A function of a Node module, or of the language: `["zlib"]` + `["gzipSync"]`, no module + `["JSON", "parse"]`. */
  | BuiltinReference
  /** The function itself, with what it captured. */
  | ValueReference;

/** What a found function must be like. The file may have changed since main read it, and conditions may differ there. */
interface Likeness {
  readonly text: string;
  readonly name: string;
  readonly arity: number;
}

interface InModule extends Likeness {
  /** URL. */
  readonly module: string;
  /** The program's entry guards itself with `isMainThread`, which is true in a child process. */
  readonly threadsOnly?: boolean;
}

export interface RegisteredReference extends InModule {
  readonly kind: "registered";
  readonly position: string;
  /** The position in the written file, for a worker that loads the module through another transform. */
  readonly source?: string;
}

/** The likeness is the method's. */
export interface DecoratedReference extends InModule {
  readonly kind: "decorated";
  readonly position: string;
  /** The class that has the method is meant: a digest of its text. */
  readonly classDigest?: string;
}

export interface ExportedReference extends InModule, Before {
  readonly kind: "exported";
  readonly by: ByPath | ByPlace;
}

/** Where it is among the exports. */
interface ByPath {
  readonly path: readonly string[];
}

/** What else it is found by among the exports. */
export interface ByPlace {
  /** `line:column` of its source. */
  readonly place: string;
  /** The variable of its module that is it, or the class that it is a member of. */
  readonly anchor?: string;
}

export interface ValueReference {
  readonly kind: "value";
  readonly capture: Capture;
}

export interface BuiltinReference extends Likeness {
  readonly kind: "builtin";
  readonly module?: string;
  readonly path: readonly string[];
}

/** A whole module of Node, or an object of the language: part of what a function captured. */
export interface ObjectReference {
  readonly kind: "object";
  /** The program made it: it may be missing. */
  readonly programs?: true;
  readonly module?: string;
  readonly path: readonly string[];
}

export function likeness(fn: AnyFunction): Likeness {
  return { text: sourceOf(fn), name: functionName(fn), arity: fn.length };
}

export function isLike(value: unknown, { text, name, arity }: Likeness): value is AnyFunction {
  if (typeof value !== "function") return false;
  const found = likeness(value as AnyFunction);
  return found.text === text && found.name === name && found.arity === arity;
}

const toText = Function.prototype.toString;

/** The source of a function; for functions that V8 or Node made, a text that ends in `[native code] }`. */
export function sourceOf(fn: object): string {
  return toText.call(fn);
}

export function isNative(source: string): boolean {
  return /\{\s*\[native code\]\s*\}\s*$/.test(source);
}
