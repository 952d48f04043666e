/**
 * What a captured function is on its way: a graph of plain data that structured clone can take. Nodes refer to each other by
 * index, so cycles and shared parts stay what they are.
 */

import type { Before } from "../package-entry.ts";

/** A value as it is, or the node that stands for it. */
export type Captured = { readonly raw: unknown } | { readonly node: number };

/** `flags`: what of an ordinary property it is not, of {@link HIDDEN}, {@link READ_ONLY} and {@link PERMANENT}. */
export type Field = readonly [name: string | SymbolName, value: Captured | Accessor, flags?: number];

export const HIDDEN = 1;
export const READ_ONLY = 2;
export const PERMANENT = 4;

export function flagsOf({ enumerable, writable, configurable }: PropertyDescriptor): number {
  return (enumerable! ? 0 : HIDDEN) + (writable === false ? READ_ONLY : 0) + (configurable! ? 0 : PERMANENT);
}

/** What any object may have beside what makes it what it is. */
export interface Own {
  readonly fields: readonly Field[];
  /** Nothing can be added to it. */
  readonly closed?: true;
}

/** `Symbol.iterator`, or `Symbol.for(…)`. */
export interface SymbolName {
  readonly symbol: string;
  readonly registered: boolean;
}

export interface Accessor {
  readonly get: Captured;
  readonly set: Captured;
}

export interface Variable {
  readonly name: string;
  readonly value: Captured;
}

/** Something of the program's that is part of no capture, because each worker has its own. */
export interface Expected {
  /** A FunctionReference or an ObjectReference. */
  readonly reference: object;
  readonly name: string;
}

export interface FunctionNode {
  readonly type: "function";
  /** Evaluates to the function once its free names are there. */
  readonly expression: string;
  /** The character of it that stands at `line` and `column`. */
  readonly anchor: number;
  /** Undefined when it is among the fields, or the text gives another one. */
  readonly name: string | undefined;
  readonly length: number | undefined;
  /** Properties that every function gets, and somebody deleted. */
  readonly without: readonly string[];
  /** Its properties in their order, where the text gives them another one. */
  readonly order?: readonly string[];
  /** Its free names that its evaluation needs: what a class extends, and names of its members. */
  readonly early: readonly string[];
  readonly strict: boolean;
  /** It contains `import(…)`, which needs to know where it stands. */
  readonly imports: boolean;
  /** Its free names and what they hold. */
  readonly free: readonly Variable[];
  /** What must be there, too. */
  readonly expected: readonly Expected[];
  /** It uses the `require` of its module, or `import.meta`: made anew in the worker. */
  readonly requires: boolean;
  readonly meta: boolean;
  readonly url: string;
  readonly line: number;
  readonly column: number;
  /** Fields that somebody set on the function, or on its prototype. */
  readonly own: Own;
  readonly prototype: Own;
  /** What somebody put in the place of its prototype. */
  readonly otherPrototype?: Captured;
  /** What it inherits from, and what its prototype does, where that is not what the text says. */
  readonly parent?: Captured;
  readonly prototypeParent?: Captured;
}

export type CaptureNode =
  /** `reference`: a FunctionReference or an ObjectReference. */
  | { readonly type: "reference"; readonly reference: object; readonly name: string }
  /** A `threaded()` wrapper: in a worker it runs its function in place; a decorated method with the `this` of the call. */
  | { readonly type: "threaded"; readonly target: Captured; readonly isMethod?: true }
  /** What `threaded({ … })` gives, as compilers leave it in a class. */
  | { readonly type: "decorator" }
  | ({
      readonly type: "import";
      readonly specifier: string;
      readonly imported: string;
      readonly parent: string;
    } & Before)
  | { readonly type: "symbol"; readonly name: SymbolName }
  /** A Buffer; what else lies in its memory comes along, because a view of it may, too. */
  | { readonly type: "buffer"; readonly bytes: Uint8Array }
  | ({ readonly type: "regexp"; readonly source: string; readonly flags: string } & Own)
  | ({ readonly type: "date"; readonly time: number } & Own)
  | ({ readonly type: "array" } & Own)
  | ({ readonly type: "set"; readonly items: readonly Captured[] } & Own)
  | ({ readonly type: "map"; readonly entries: readonly (readonly [Captured, Captured])[] } & Own)
  /** With a parent that is not the usual one: null, or a dictionary. */
  | ({ readonly type: "object"; readonly parent?: Captured } & Own)
  | ({ readonly type: "instance"; readonly constructor: Captured } & Own)
  /** An error of any class. */
  | ({ readonly type: "error"; readonly constructor: Captured; readonly stack: unknown } & Own)
  /** The `prototype` of a function. */
  | { readonly type: "prototype"; readonly of: Captured }
  /** A method or an accessor of a class that travels, too. */
  | {
      readonly type: "member";
      readonly of: Captured;
      readonly isStatic: boolean;
      readonly key: string | SymbolName;
      readonly part: "value" | "get" | "set";
    }
  | ({
      readonly type: "bound";
      readonly target: Captured;
      readonly self: Captured;
      readonly args: readonly Captured[];
    } & Own)
  | FunctionNode;

/** `nodes[0]` is the function that was asked for. */
export interface Capture {
  readonly nodes: readonly CaptureNode[];
}
