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
  /** What it uses that other functions of its call may use, too: the travel layer's. */
  readonly shared: object | undefined;
}

let ids = 0;

export function functionHandle(
  fn: AnyFunction,
  reference: object | null,
  once = false,
  shared?: object,
): FunctionHandle {
  return { id: ++ids, name: functionName(fn) || "(anonymous)", fn, reference, once, shared };
}

/** Empty without one. A class may have a static member of that name; a getter that somebody put there is not called. */
export function functionName(fn: object): string {
  const name: unknown = Object.getOwnPropertyDescriptor(fn, "name")?.value;
  return typeof name === "string" ? name : "";
}

/** What it captured, as it is now: the call has to wait, and what it refers to may change meanwhile. */
export function frozenNow(handle: FunctionHandle): FunctionHandle {
  return { ...handle, reference: structuredClone(handle.reference) };
}
