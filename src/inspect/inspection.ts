/**
 * One look at functions: each is located once, however many ways ask. For as long as nothing else runs, because what their
 * variables hold is part of it.
 */
import type { AnyFunction } from "../core/function-handle.ts";
import { type FunctionLocation, locate } from "./locate.ts";

export class Inspection {
  readonly #located = new Map<AnyFunction, FunctionLocation | undefined>();

  /** Undefined for functions that have no source. @throws NoInspector */
  locate(fn: AnyFunction): FunctionLocation | undefined {
    if (!this.#located.has(fn)) this.#located.set(fn, locate(fn));
    return this.#located.get(fn);
  }
}
