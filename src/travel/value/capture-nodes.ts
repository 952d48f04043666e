/**
 * What a captured function is on its way: a graph of plain data that structured clone can take. Nodes refer to each other by
 * index, so cycles and shared parts stay what they are.
 */

import type { Before } from "../package-entry.ts";

/** A value as it is, or the node that stands for it. */
export type Captured = { readonly raw: unknown } | { readonly node: number };

export type Field = readonly [name: string | SymbolName, value: Captured | Accessor, hidden?: true];

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

export interface FunctionNode {
  readonly type: "function";
  /** Evaluates to the function once its free names are there. */
  readonly expression: string;
  /** The character of it that stands at `line` and `column`. */
  readonly anchor: number;
  readonly name: string;
  readonly isClass: boolean;
  /** A class whose evaluation runs code: what it uses must be there before. */
  readonly eager: boolean;
  readonly strict: boolean;
  /** It contains `import(…)`, which needs to know where it stands. */
  readonly imports: boolean;
  /** Its free names and what they hold. */
  readonly free: readonly Variable[];
  /** It uses the `require` of its module, or `import.meta`: made anew in the worker. */
  readonly requires: boolean;
  readonly meta: boolean;
  readonly url: string;
  readonly line: number;
  readonly column: number;
  /** Fields that somebody set on the function, or on its prototype. */
  readonly own: readonly Field[];
  readonly prototype: readonly Field[];
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
  | { readonly type: "buffer"; readonly bytes: Uint8Array }
  | {
      readonly type: "regexp";
      readonly source: string;
      readonly flags: string;
      readonly lastIndex: number;
    }
  | { readonly type: "array"; readonly length: number; readonly fields: readonly Field[] }
  | { readonly type: "set"; readonly items: readonly Captured[] }
  | { readonly type: "map"; readonly entries: readonly (readonly [Captured, Captured])[] }
  /** With a parent that is not the usual one: null, or a dictionary. */
  | { readonly type: "object"; readonly fields: readonly Field[]; readonly parent?: Captured }
  | { readonly type: "instance"; readonly constructor: Captured; readonly fields: readonly Field[] }
  /** The `prototype` of a function. */
  | { readonly type: "prototype"; readonly of: Captured }
  | {
      readonly type: "bound";
      readonly target: Captured;
      readonly self: Captured;
      readonly args: readonly Captured[];
    }
  | FunctionNode;

/** `nodes[0]` is the function that was asked for. */
export interface Capture {
  readonly nodes: readonly CaptureNode[];
}
