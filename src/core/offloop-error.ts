/**
 * What all errors of this library have in common.
 */

const BRAND: unique symbol = Symbol.for("offloop.error");

/** The root of the family. */
export abstract class OffloopError extends Error {
  abstract readonly code: `ERR_OFFLOOP_${string}`;
  get [BRAND](): true {
    return true;
  }

  protected static named(constructor: { prototype: object }, name: string): void {
    // On the prototype, so that `name` does not show up as an own field in every printed error.
    Object.defineProperty(constructor.prototype, "name", { value: name, configurable: true, writable: true });
  }
}

/** True for every error of this library, also for one that another copy of the library made. */
export function isOffloopError(error: unknown): error is OffloopError {
  return typeof error === "object" && error !== null && BRAND in error;
}
