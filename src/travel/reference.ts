/**
 * How a worker finds a function: plain data that main sends once. Resolving (main) makes it, loading (worker) reads it.
 */

export type FunctionReference =
  /** A `threaded()` call at the top level of a module: the worker imports the module, and the same call registers again. */
  | {
      readonly kind: "registered";
      readonly module: string;
      readonly position: string;
      /** The how-manieth wrap of its module it is: for a worker that loads the module through another transform. */
      readonly ordinal: number;
      readonly name: string;
      readonly arity: number;
    }
  /** An export of a module. With a path where main knows it, otherwise found by its text. */
  | {
      readonly kind: "exported";
      readonly module: string;
      readonly path?: readonly string[];
      readonly text: string;
      readonly name: string;
      readonly arity: number;
    }
  /** A function of a Node module, or of the language: `["zlib"]` + `["gzipSync"]`, no module + `["JSON", "parse"]`. */
  | { readonly kind: "builtin"; readonly module?: string; readonly path: readonly string[] };

const text = Function.prototype.toString;

/** The source of a function; for functions that V8 or Node made, a text that ends in `[native code] }`. */
export function sourceOf(fn: object): string {
  return text.call(fn);
}

export function isNative(source: string): boolean {
  return /\{\s*\[native code\]\s*\}\s*$/.test(source);
}
