/**
 * Calls into frames, and back. A frame is one message with any number of calls; each function is described in the first
 * frame that uses it and is an integer afterwards.
 */
import type { TransferListItem } from "node:worker_threads";
import type { CallOptions } from "../core/call-options.ts";
import type { AnyFunction, FunctionHandle } from "../core/function-handle.ts";
import type { Task } from "../core/task.ts";
import {
  CALL_STRIDE,
  type CallExtras,
  type FunctionDefinition,
  type ToWorker,
  type WholeCall,
} from "./messages.ts";
import { packValues } from "./values.ts";

/** How a function gets to a worker. @throws TravelError */
export type ResolveFunction = (fn: AnyFunction, travel?: CallOptions["travel"]) => FunctionHandle;

export interface EncodedFrame {
  readonly message: Extract<ToWorker, { type: "frame" }>;
  readonly transfer: TransferListItem[];
  /** To be called when the frame has left: from now on the worker knows its functions. */
  readonly left: () => void;
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
    const calls: unknown[] = [];
    let transfer: TransferListItem[] | undefined;
    for (const task of tasks) {
      this.#define(task.handle, functions);
      const packed = packValues(task.args, (fn) => this.#define(this.#resolve(fn), functions));
      if (packed.transfer !== undefined) (transfer ??= []).push(...packed.transfer);
      const { name } = task.options;
      const extras: CallExtras | 0 =
        packed.marks === undefined && name === undefined
          ? 0
          : { ...(packed.marks && { marks: packed.marks }), ...(name && { name }) };
      calls.push(task.id, task.handle.id, packed.values, extras);
    }
    const left = (): void => functions.forEach(({ id, once }) => once === true || this.#known.add(id));
    return { message: { type: "frame", functions, calls }, transfer: transfer ?? [], left };
  }

  /** A frame was lost over there, and with it what it defined. */
  forget(): void {
    this.#known.clear();
  }

  #define(handle: FunctionHandle, functions: FunctionDefinition[]): number {
    const { id } = handle;
    if (!this.#known.has(id) && !functions.some((one) => one.id === id)) functions.push(define(handle));
    return id;
  }
}

function define({ id, name, reference, once }: FunctionHandle): FunctionDefinition {
  return { id, name, reference: reference ?? {}, ...(once && { once }) };
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

export function* decodeCalls(calls: readonly unknown[]): Generator<ReceivedCall> {
  for (let at = 0; at < calls.length; at += CALL_STRIDE) {
    const [taskId, functionId, args, extras] = calls.slice(at, at + CALL_STRIDE) as [
      number,
      number,
      unknown[],
      CallExtras | 0,
    ];
    yield { taskId, functionId, args, extras };
  }
}
