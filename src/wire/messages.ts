/**
 * Every message between main and a worker, as one tagged union each way. The calls and their results, of which every call
 * costs one each, are flat arrays with a number for a tag: as objects with names they took 4.3 µs to send and receive, not 2.6.
 */
import type { Stores } from "../core/contexts.ts";
import type { WireError } from "./error-codec.ts";
import type { FromTask, MainAnswer } from "./main-messages.ts";
import type { Marks } from "./values.ts";

/** A function that a worker has not seen yet: its id from now on, its name, and how to find it. */
export interface FunctionDefinition {
  readonly id: number;
  readonly name: string;
  readonly reference: object;
  /** To be forgotten after the call. */
  readonly once?: boolean;
}

export const CALLS = 0;
export const RESULTS = 1;

/**
 * Calls, which begin in this order. `first`: the number of the first one, see claims.ts. For each call: task id, function id,
 * {@link CallShape}, and as many arguments as that says.
 */
export type Calls = readonly [
  tag: typeof CALLS,
  first: number,
  /** Of the calls that have some, by index. */
  extras: Readonly<Record<number, CallExtras>> | 0,
  ...entries: unknown[],
];

/** Where the entries begin, in calls and in results. */
export const HEADER = 3;

/** What is to be known of a call before it runs, in one number: `arguments × 2 + guarded`. */
export const CallShape = {
  of: (args: number, guarded: boolean): number => args * 2 + (guarded ? 1 : 0),
  args: (shape: number): number => shape >> 1,
  /** Somebody may end it while it runs: what ran before it must have left. */
  guarded: (shape: number): boolean => (shape & 1) === 1,
};

/**
 * Results of calls that ran one right after the other. `first`: the number of the first call; `startedAt`: when it began, on the
 * machine's monotonic clock. {@link RESULT_STRIDE} entries for each: {@link ResultKind}, value or WireError, run time in ms.
 */
export type Results = readonly [tag: typeof RESULTS, first: number, startedAt: number, ...entries: unknown[]];

export type ToWorker =
  | Calls
  | { readonly type: "start"; readonly initializer?: WholeCall; readonly finalizer?: WholeCall }
  /** Comes before the first call of any of them. */
  | { readonly type: "define"; readonly functions: readonly FunctionDefinition[] }
  | { readonly type: "stop"; readonly taskId: number; readonly reason: WireError }
  | { readonly type: "finish" }
  | MainAnswer;

/** A call outside of a frame: it carries its function. */
export interface WholeCall {
  readonly functions: readonly FunctionDefinition[];
  readonly functionId: number;
  readonly args: readonly unknown[];
  readonly marks?: Marks;
}

/** What a worker runs besides calls. */
export type StartPart = "initializer" | "finalizer";

/** What few calls have. */
export interface CallExtras {
  readonly marks?: Marks;
  /** A name in place of the function's. */
  readonly name?: string;
  /** To be entered around the run. */
  readonly stores?: Stores;
}

export type FromWorker =
  | Results
  | FromTask
  | { readonly type: "ready"; readonly nice: number | undefined }
  /** With `notLoaded` it may be told to start again, with another way to the function: that was not begun. */
  | {
      readonly type: "start-failed";
      readonly error: WireError;
      readonly notLoaded?: Omit<WireLoadFailure, "error"> & { readonly part: StartPart };
    }
  /** `error`: what its finalizer failed with. */
  | { readonly type: "finished"; readonly error?: WireError }
  /** Calls arrived that cannot be read there: they will not be answered. `calls`: their numbers, where the channel tells. */
  | { readonly type: "refused"; readonly error: WireError; readonly calls?: CallRange | undefined }
  /** A process is about to end of an uncaught error. */
  | { readonly type: "crashed"; readonly error: WireError };

export const RESULT_STRIDE = 3;

/** Numbers of calls: from the first to before the end. */
export type CallRange = readonly [first: number, end: number];

/**
 * How the value of a result is to be read. `notLoaded`: a {@link WireLoadFailure}; the function did not run.  */
export const ResultKind = { value: 0, buffer: 1, error: 2, notLoaded: 3 } as const;
export type ResultKind = (typeof ResultKind)[keyof typeof ResultKind];

/** A function that could not be found in the worker. */
export interface WireLoadFailure {
  readonly functionId: number;
  /** URL of the module that could not be imported. */
  readonly module: string | undefined;
  readonly error: WireError;
}
