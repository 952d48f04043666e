/**
 * Every message between main and a worker, as one tagged union each way. Calls and results are flat arrays: an object per
 * call would cost more to clone than the call itself.
 */
import type { WireError } from "./error-codec.ts";
import type { Marks } from "./values.ts";

/** A function that a worker has not seen yet: its id from now on, its name, and how to find it. */
export interface FunctionDefinition {
  readonly id: number;
  readonly name: string;
  readonly reference: object;
  /** To be forgotten after the call. */
  readonly once?: boolean;
}

export type ToWorker =
  | { readonly type: "start"; readonly initializer?: WholeCall; readonly finalizer?: WholeCall }
  /** `calls`: {@link CALL_STRIDE} entries each: task id, function id, arguments, {@link CallExtras} or 0. */
  | {
      readonly type: "frame";
      readonly functions: readonly FunctionDefinition[];
      readonly calls: readonly unknown[];
    }
  | { readonly type: "stop"; readonly taskId: number; readonly reason: WireError }
  | { readonly type: "finish" };

/** A call outside of a frame: it carries its function. */
export interface WholeCall {
  readonly functions: readonly FunctionDefinition[];
  readonly functionId: number;
  readonly args: readonly unknown[];
  readonly marks?: Marks;
}

/** What a worker runs besides calls. */
export type StartPart = "initializer" | "finalizer";

export const CALL_STRIDE = 4;

/** What few calls have. */
export interface CallExtras {
  readonly marks?: Marks;
  /** A name in place of the function's. */
  readonly name?: string;
}

export type FromWorker =
  | { readonly type: "ready"; readonly nice: number | undefined }
  /** With `notLoaded` it may be told to start again, with another way to the function: that was not begun. */
  | {
      readonly type: "start-failed";
      readonly error: WireError;
      readonly notLoaded?: Omit<WireLoadFailure, "error"> & { readonly part: StartPart };
    }
  /** `results`: {@link RESULT_STRIDE} entries each: task id, {@link ResultKind}, value or WireError, run time in ms. */
  | { readonly type: "results"; readonly results: readonly unknown[] }
  /** `error`: what its finalizer failed with. */
  | { readonly type: "finished"; readonly error?: WireError }
  /** A frame arrived that cannot be read there: its calls will not be answered. */
  | { readonly type: "refused"; readonly error: WireError }
  /** A process is about to end of an uncaught error. */
  | { readonly type: "crashed"; readonly error: WireError };

export const RESULT_STRIDE = 4;

/** How the third entry of a result is to be read. `notLoaded`: a {@link WireLoadFailure}; the call was not begun. */
export const ResultKind = { value: 0, buffer: 1, error: 2, notLoaded: 3 } as const;
export type ResultKind = (typeof ResultKind)[keyof typeof ResultKind];

/** A function that could not be found in the worker. */
export interface WireLoadFailure {
  readonly functionId: number;
  /** URL of the module that could not be imported. */
  readonly module: string | undefined;
  readonly error: WireError;
}
