/**
 * Calls into frames, and back. A frame is one message with any number of calls. Each function is described before the first
 * frame that uses it, and is an integer from then on.
 */
import type { TransferListItem } from "node:worker_threads";
import type { AnyFunction, FunctionHandle } from "../core/function-handle.ts";
import type { Task } from "../core/task.ts";
import {
  CALL_STRIDE,
  CALLS,
  type Calls,
  type CallExtras,
  type FunctionDefinition,
  type ToWorker,
  type WholeCall,
} from "./messages.ts";
import { packValues } from "./values.ts";

/** Main's view of an argument that is a function. @throws TravelError */
export type ResolveFunction = (fn: AnyFunction) => FunctionHandle;

export interface EncodedFrame {
  /** To be sent first, when the worker does not know all functions. */
  readonly define: Extract<ToWorker, { type: "define" }> | undefined;
  readonly calls: Calls;
  readonly transfer: readonly TransferListItem[];
}

/** Encodes for one worker. */
export class FrameEncoder {
  readonly #resolve: ResolveFunction;
  readonly #known = new Set<number>();

  constructor(resolve: ResolveFunction) {
    this.#resolve = resolve;
  }

  /** @throws TravelError when a function among the arguments cannot travel. */
  encode(tasks: readonly Task<unknown>[]): EncodedFrame {
    const functions: FunctionDefinition[] = [];
    const calls: [typeof CALLS, ...unknown[]] = [CALLS];
    const transfer: TransferListItem[] = [];
    for (const task of tasks) {
      this.#define(task.handle, functions);
      const packed = packValues(task.args, (fn) => this.#define(this.#resolve(fn), functions));
      if (packed.transfer !== undefined) transfer.push(...packed.transfer);
      const { name } = task.options;
      const extras: CallExtras | 0 =
        packed.marks === undefined && name === undefined
          ? 0
          : { ...(packed.marks && { marks: packed.marks }), ...(name && { name }) };
      calls.push(task.id, task.handle.id, packed.values, extras);
    }
    return { define: functions.length === 0 ? undefined : { type: "define", functions }, calls, transfer };
  }

  /** They have left: from now on the worker knows these functions. */
  defined({ functions }: Extract<ToWorker, { type: "define" }>): void {
    for (const { id } of functions) this.#known.add(id);
  }

  #define(handle: FunctionHandle, functions: FunctionDefinition[]): number {
    const { id } = handle;
    if (!this.#known.has(id) && !functions.some((one) => one.id === id)) functions.push(define(handle));
    return id;
  }
}

function define({ id, name, reference }: FunctionHandle): FunctionDefinition {
  return { id, name, reference: reference ?? {} };
}

/** A call that stands alone, as an initializer does. */
export function encodeWholeCall(
  handle: FunctionHandle,
  args: readonly unknown[],
  resolve: ResolveFunction,
): WholeCall {
  const functions = [define(handle)];
  const { values, marks } = packValues(args, (fn) => {
    const argument = resolve(fn);
    functions.push(define(argument));
    return argument.id;
  });
  return { functions, functionId: handle.id, args: values, ...(marks && { marks }) };
}

export interface ReceivedCall {
  readonly taskId: number;
  readonly functionId: number;
  readonly args: unknown[];
  readonly extras: CallExtras | 0;
}

export function* decodeCalls(calls: Calls): Generator<ReceivedCall> {
  for (let at = 1; at < calls.length; at += CALL_STRIDE) {
    yield {
      taskId: calls[at] as number,
      functionId: calls[at + 1] as number,
      args: calls[at + 2] as unknown[],
      extras: calls[at + 3] as CallExtras | 0,
    };
  }
}
