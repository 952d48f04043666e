/**
 * What capturing a function is given, and what it gives: what is sent, and what its author may want to know of it.
 */
import type { AnyFunction } from "../../core/function-handle.ts";
import type { Inspection } from "../../inspect/inspection.ts";
import type { FunctionReference } from "../reference.ts";
import type { Capture } from "./capture-nodes.ts";
import type { SharedVariables } from "./shared-variables.ts";

export interface CaptureResult {
  readonly capture: Capture;
  /** What its author should know: changes that will stay in the worker. */
  readonly warnings: readonly string[];
  /** Nothing of it can change: it is captured once. */
  readonly constant: boolean;
  /** The captured variables, by path, and about how much data each carries. */
  readonly captured: readonly CapturedVariable[];
  readonly shared: SharedVariables;
}

/** A variable that travels along. */
export interface CapturedVariable {
  /** Functions that lead to it, and its name. */
  readonly path: string;
  /** "a number", "an Array", "the function parse" … */
  readonly what: string;
  /** About how many its copy takes. Of what several variables hold, the first has them all. */
  readonly bytes: number;
}

/** How a worker finds a function of what is captured, if it can: then that is not captured itself. */
export type ReferenceOf = (fn: AnyFunction) => FunctionReference | undefined;

export interface CaptureOptions {
  readonly inspection?: Inspection;
  readonly referenceOf?: ReferenceOf;
}
