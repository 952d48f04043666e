/**
 * What dispatching asks of travelling, which it does not know.
 */
import type { AnyFunction, FunctionHandle } from "../core/function-handle.ts";
import type { Task } from "../core/task.ts";
import type { ErrorClass } from "../wire/error-codec.ts";

export interface TravelHelp {
  /** A class of the user's program, for an error that one of its functions threw. */
  findErrorClass(thrower: AnyFunction, name: string, text: string): ErrorClass | undefined;
  /**
   * Another way to send a call whose function, or a function among its arguments, was not found in a worker.
   * @throws what to reject the call with when there is none
   */
  resendAs(task: Task<unknown>, failure: LoadFailure): FunctionHandle;
}

export interface LoadFailure {
  readonly functionId: number;
  /** URL of the module that could not be imported there. */
  readonly module: string | undefined;
  readonly error: unknown;
}
