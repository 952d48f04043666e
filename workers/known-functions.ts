/**
 * The functions that a worker knows, by the number that main gave them. What a definition refers to is loaded when it arrives.
 */
import { InternalError } from "../src/core/errors.ts";
import type { AnyFunction } from "../src/core/function-handle.ts";
import { load } from "../src/travel/load.ts";
import { NotLoaded } from "../src/travel/not-loaded.ts";
import type { FunctionReference } from "../src/travel/reference.ts";
import type { FunctionDefinition } from "../src/wire/messages.ts";

export interface KnownFunction {
  readonly name: string;
  readonly once: boolean;
  /** A promise until it is loaded: once there, calls need none. */
  fn: AnyFunction | Promise<AnyFunction>;
}

export interface Missing {
  readonly id: number;
  readonly cause: unknown;
  /** URL of the module that could not be imported. */
  readonly module: string | undefined;
}

export class KnownFunctions {
  readonly #functions = new Map<number, KnownFunction>();

  define(functions: readonly FunctionDefinition[]): void {
    for (const { id, name, reference, once = false } of functions) {
      if (this.#functions.has(id)) continue;
      const known: KnownFunction = { name, once, fn: load(reference as FunctionReference, name) };
      this.#functions.set(id, known);
      // The call that waits for it reports a failure.
      (known.fn as Promise<AnyFunction>).then(
        (fn) => (known.fn = fn),
        () => {},
      );
    }
  }

  get(id: number): KnownFunction | undefined {
    return this.#functions.get(id);
  }

  /** One that is known to be loaded. */
  loaded(id: number): AnyFunction {
    return this.#functions.get(id)!.fn as AnyFunction;
  }

  /** Waits until they are loaded. The first that was not found, if any. @throws what making a function threw */
  async missing(ids: readonly number[]): Promise<Missing | undefined> {
    for (const id of ids) {
      const known = this.#functions.get(id);
      if (known === undefined) throw new InternalError(`A worker has no definition of function ${id}`);
      try {
        await known.fn;
      } catch (error) {
        if (error instanceof NotLoaded) return { id, cause: error.cause, module: error.module };
        throw error;
      }
    }
    return undefined;
  }

  /** What they captured may be different in the next call. */
  forgetOnce(ids: readonly number[]): void {
    for (const id of ids) if (this.#functions.get(id)?.once === true) this.#functions.delete(id);
  }
}
