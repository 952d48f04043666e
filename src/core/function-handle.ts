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
  /** What it captured may be different in the next call: a worker forgets it after this one. */
  readonly once: boolean;
}

let ids = 0;

export function functionHandle(fn: AnyFunction, reference: object | null, once = false): FunctionHandle {
  // A class may have a static member called `name`.
  const given: unknown = fn.name;
  const name = typeof given === "string" && given !== "" ? given : "(anonymous)";
  return { id: ++ids, name, fn, reference, once };
}

/** What it captured, as it is now: the call has to wait, and what it refers to may change meanwhile. */
export function frozenNow(handle: FunctionHandle): FunctionHandle {
  return { ...handle, reference: structuredClone(handle.reference) };
}
