/**
 * A function as executors know it: resolved once, sent to each worker once, an integer from then on.
 */

/** Any function. What its parameters are is checked where it was submitted. */
export type AnyFunction = (...args: never[]) => unknown;

export interface FunctionHandle {
  readonly id: number;
  readonly name: string;
  readonly fn: AnyFunction;
  /** How a worker finds it: plain data, made by the travel layer. Null where it need not travel. */
  readonly reference: object | null;
}

let ids = 0;

export function functionHandle(fn: AnyFunction, reference: object | null): FunctionHandle {
  // A class may have a static member called `name`.
  const name: unknown = fn.name;
  return { id: ++ids, name: typeof name === "string" && name !== "" ? name : "(anonymous)", fn, reference };
}
