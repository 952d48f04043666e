/**
 * The options of `threaded()`, and where they send a call.
 */
import { CALL_OPTION_CHECKS, checkCallOptions } from "./core/call-options.ts";
import { checkOptions, withoutUndefined } from "./core/check-options.ts";
import type { Executor } from "./core/executor.ts";
import type { AnyFunction } from "./core/function-handle.ts";
import { isGeneratorFunction } from "./core/generator-function.ts";
import type { MapOptions } from "./core/map-options.ts";
import { splitStreamOptions, STREAM_OPTION_CHECKS, type StreamOptions } from "./core/stream-options.ts";
import type { Task } from "./core/task.ts";
import type { TaskStream } from "./core/task-stream.ts";
import { defaultExecutor } from "./default-executor.ts";
import { streamHere } from "./flow/stream-here.ts";
import { insideTask, runHere } from "./pools/run-here.ts";

/** `window` is for generator functions. */
export type ThreadedOptions = StreamOptions & {
  /** Where its calls run. `defaultExecutor()` unless set. A function is asked for each call, so it may decide late. */
  executor?: Executor | (() => Executor);
};

const EXECUTOR = {
  executor: (value: unknown) =>
    typeof value === "function" || typeof (value as Partial<Executor> | null)?.submit === "function"
      ? undefined
      : ({ kind: "type", expected: "an executor, or a function that gives one" } as const),
};

const CALL_CHECKS = { ...CALL_OPTION_CHECKS, ...EXECUTOR };
const STREAM_CHECKS = { ...STREAM_OPTION_CHECKS, ...EXECUTOR };

/** @throws TypeError, RangeError naming the option */
export function checkThreadedOptions(
  options: unknown,
  owner: string,
  made: "call" | "stream",
): asserts options is ThreadedOptions {
  if (made === "stream") checkOptions(options as ThreadedOptions, STREAM_CHECKS, owner);
  else checkOptions(options as Omit<ThreadedOptions, "window">, CALL_CHECKS, owner);
}

export type Submit = (fn: AnyFunction, args: unknown[]) => Task<unknown> | TaskStream<unknown>;

/** As a call of a generator function, or of any other. */
export function submitTo(options: ThreadedOptions, made: "call" | "stream"): Submit {
  return made === "stream" ? streamFrom(options) : callWith(options);
}

function streamFrom({ executor, ...options }: ThreadedOptions): Submit {
  const { signal } = splitStreamOptions(options, "threaded");
  return (fn, args) => {
    if (insideTask()) return streamHere(fn, args, signal);
    return chosenBy(executor).stream(fn as (...given: unknown[]) => Iterable<unknown>, args, options);
  };
}

function callWith(options: ThreadedOptions): Submit {
  const { executor, ...callOptions } = options;
  const checked = checkCallOptions(callOptions);
  return (fn, args) => {
    const plain = fn as (...given: unknown[]) => unknown;
    // Here too: an executor of the user's own may do anything but be asked from inside a worker.
    if (insideTask()) return runHere(plain, args, checked);
    return chosenBy(executor).submit(plain, args, checked);
  };
}

export function mapTo(
  fn: AnyFunction,
  items: Iterable<unknown>,
  { executor, window: _window, ...callOptions }: ThreadedOptions,
  options: MapOptions,
): TaskStream<unknown> {
  return chosenBy(executor).map(fn, items as Iterable<never>, {
    ...callOptions,
    ...withoutUndefined(options),
  });
}

function chosenBy(executor: ThreadedOptions["executor"]): Executor {
  return typeof executor === "function" ? executor() : (executor ?? defaultExecutor());
}

/** What a call of it is. */
export function madeBy(fn: object): "call" | "stream" {
  return isGeneratorFunction(fn) ? "stream" : "call";
}
