/**
 * Calls into frames, and back. A frame is one message with any number of calls. Each function is described before the first
 * frame that uses it, and is an integer from then on.
 */
import type { TransferListItem } from "node:worker_threads";
import type { CallOptions } from "../core/call-options.ts";
import { storesOf } from "../core/contexts.ts";
import type { AnyFunction, FunctionHandle } from "../core/function-handle.ts";
import type { Task } from "../core/task.ts";
import {
  CALLS,
  type Calls,
  type CallExtras,
  CallShape,
  type FunctionDefinition,
  HEADER,
  RESULT_STRIDE,
  RESULTS,
  type Results,
  type ToWorker,
  type WholeCall,
} from "./messages.ts";
import { isPacked, packValues } from "./values.ts";

/** How a function gets to a worker. @throws TravelError */
export type ResolveFunction = (
  fn: AnyFunction,
  travel?: CallOptions["travel"],
  /** The others of its call, when it is among the arguments of one. */
  others?: readonly FunctionHandle[],
) => FunctionHandle;

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

  /** `first`: the number of the first call. @throws TravelError when a function among the arguments cannot travel. */
  encode(tasks: readonly Task<unknown>[], first: number): EncodedFrame {
    const functions: FunctionDefinition[] = [];
    let extras: Record<number, CallExtras> | 0 = 0;
    const entries: unknown[] = [CALLS, first, extras];
    const transfer: TransferListItem[] = [];
    // One function is one function in its call, also where each look at it would capture it anew. Not beyond: a worker forgets.
    let together: CallFunctions | undefined;
    let called: Task<unknown>;
    const idOf = (fn: AnyFunction): number => {
      together ??= new CallFunctions(called.handle, called.options.travel, this.#resolve);
      return this.#define(together.handleOf(fn), functions);
    };
    for (let index = 0; index < tasks.length; index++) {
      called = tasks[index]!;
      together = undefined;
      const { id, handle, args, options, watch } = called;
      const functionId = this.#define(handle, functions);
      const { name } = options;
      const stores = storesOf(called);
      if (name === undefined && stores === undefined && isPacked(args)) {
        entries.push(id, functionId, CallShape.of(args.length, watch !== undefined));
        for (let at = 0; at < args.length; at++) entries.push(args[at]);
        continue;
      }
      const { values, marks, transfer: moves } = packValues(args, idOf);
      if (moves !== undefined) transfer.push(...moves);
      if (marks !== undefined || name !== undefined || stores !== undefined) {
        extras ||= {};
        extras[index] = {
          ...(marks && { marks }),
          ...(name !== undefined && { name }),
          ...(stores && { stores }),
        };
      }
      entries.push(id, functionId, CallShape.of(values.length, watch !== undefined));
      for (let at = 0; at < values.length; at++) entries.push(values[at]);
    }
    entries[2] = extras;
    const calls = entries as unknown as Calls;
    return { define: functions.length === 0 ? undefined : { type: "define", functions }, calls, transfer };
  }

  /** They have left: from now on the worker knows these functions. */
  defined({ functions }: Extract<ToWorker, { type: "define" }>): void {
    for (const { id, once } of functions) if (once !== true) this.#known.add(id);
  }

  #define(handle: FunctionHandle, functions: FunctionDefinition[]): number {
    const { id } = handle;
    if (!this.#known.has(id) && !functions.some((one) => one.id === id)) functions.push(define(handle));
    return id;
  }
}

/** The functions of one call: the called one, and those among its arguments, which travel in the same way. */
class CallFunctions {
  /** By what was given: a wrapped function stands for another. */
  readonly #handles: Map<AnyFunction, FunctionHandle>;
  readonly #travel: CallOptions["travel"];
  readonly #resolve: ResolveFunction;

  constructor(called: FunctionHandle, travel: CallOptions["travel"], resolve: ResolveFunction) {
    this.#handles = new Map([[called.fn, called]]);
    this.#travel = travel;
    this.#resolve = resolve;
  }

  handleOf(fn: AnyFunction): FunctionHandle {
    const known = this.#handles.get(fn);
    if (known !== undefined) return known;
    const handle = this.#resolve(fn, this.#travel, this.all());
    this.#handles.set(fn, handle);
    return handle;
  }

  all(): FunctionHandle[] {
    return [...this.#handles.values()];
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
  const together = new CallFunctions(handle, undefined, resolve);
  const { values, marks } = packValues(args, (fn) => together.handleOf(fn).id);
  const functions = together.all().map(define);
  return { functions, functionId: handle.id, args: values, ...(marks && { marks }) };
}

/** Reads the calls of a frame, one after the other. Its fields are those of the last one that {@link CallReader.next} found. */
export class CallReader {
  readonly #calls: Calls;
  #at = HEADER;
  #index = -1;
  seq: number;
  taskId = 0;
  functionId = 0;
  guarded = false;
  args: unknown[] = [];
  extras: CallExtras | undefined;

  constructor(calls: Calls) {
    this.#calls = calls;
    this.seq = (calls[1] - 1) | 0;
  }

  next(): boolean {
    const calls = this.#calls;
    const at = this.#at;
    if (at >= calls.length) return false;
    this.seq = (this.seq + 1) | 0;
    this.#index++;
    this.taskId = calls[at] as number;
    this.functionId = calls[at + 1] as number;
    const shape = calls[at + 2] as number;
    this.guarded = CallShape.guarded(shape);
    this.#at = at + 3 + CallShape.args(shape);
    this.args = calls.slice(at + 3, this.#at);
    this.extras = calls[2] === 0 ? undefined : calls[2][this.#index];
    return true;
  }
}

/** How many calls a message is about. */
export function callCount(message: Calls | Results): number {
  if (message[0] === RESULTS) return (message.length - HEADER) / RESULT_STRIDE;
  const frame = new CallReader(message);
  let count = 0;
  while (frame.next()) count++;
  return count;
}
