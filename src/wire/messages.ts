/**
 * Every message between main and a worker, as one tagged union each way. The calls and their results, of which every call
 * costs one each, are flat arrays with a number for a tag: as objects with names they took 4.3 µs to send and receive, not 2.6.
 */
import type { WireError } from "./error-codec.ts";
import type { Marks } from "./values.ts";

/** A function that a worker has not seen yet: its id from now on, its name, and how to find it. */
export interface FunctionDefinition {
  readonly id: number;
  readonly name: string;
  readonly reference: object;
}

export const CALLS = 0;
export const RESULTS = 1;

/** {@link CALL_STRIDE} entries for each call: task id, function id, arguments, {@link CallExtras} or 0. */
export type Calls = readonly [tag: typeof CALLS, ...entries: unknown[]];

/** {@link RESULT_STRIDE} entries for each: task id, {@link ResultKind}, value or WireError, run time in ms. */
export type Results = readonly [tag: typeof RESULTS, ...entries: unknown[]];

export type ToWorker =
  | Calls
  | { readonly type: "start"; readonly initializer?: WholeCall; readonly finalizer?: WholeCall }
  /** Comes before the first call of any of them. */
  | { readonly type: "define"; readonly functions: readonly FunctionDefinition[] }
  | { readonly type: "stop"; readonly taskId: number; readonly reason: WireError }
  | { readonly type: "finish" };

/** A call outside of a frame: it carries its function. */
export interface WholeCall {
  readonly functions: readonly FunctionDefinition[];
  readonly functionId: number;
  readonly args: readonly unknown[];
  readonly marks?: Marks;
}

export const CALL_STRIDE = 4;

/** What few calls have. */
export interface CallExtras {
  readonly marks?: Marks;
  /** A name in place of the function's. */
  readonly name?: string;
}

export type FromWorker =
  | Results
  | { readonly type: "ready"; readonly nice: number | undefined }
  | { readonly type: "start-failed"; readonly error: WireError }
  /** `error`: what its finalizer failed with. */
  | { readonly type: "finished"; readonly error?: WireError }
  /** A frame arrived that cannot be read there: its calls will not be answered. */
  | { readonly type: "refused"; readonly error: WireError }
  /** A process is about to end of an uncaught error. */
  | { readonly type: "crashed"; readonly error: WireError };

export const RESULT_STRIDE = 4;

/** How the third entry of a result is to be read. */
export const ResultKind = { value: 0, buffer: 1, error: 2 } as const;
export type ResultKind = (typeof ResultKind)[keyof typeof ResultKind];
