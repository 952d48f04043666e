/**
 * The options of `threaded()`, and where they send a call.
 */
import { CALL_OPTION_CHECKS, type CallOptions, checkCallOptions } from "./core/call-options.ts";
import { checkOptions, withoutUndefined } from "./core/check-options.ts";
import type { Executor } from "./core/executor.ts";
import type { AnyFunction } from "./core/function-handle.ts";
import type { MapOptions } from "./core/map-options.ts";
import type { Task } from "./core/task.ts";
import type { TaskStream } from "./core/task-stream.ts";
import { defaultExecutor } from "./default-executor.ts";
import { insideTask, runHere } from "./pools/run-here.ts";

export type ThreadedOptions = CallOptions & {
  /** Where its calls run. `defaultExecutor()` unless set. A function is asked for each call, so it may decide late. */
  executor?: Executor | (() => Executor);
};

const CHECKS = {
  ...CALL_OPTION_CHECKS,
  executor: (value: unknown) =>
    typeof value === "function" || typeof (value as Partial<Executor> | null)?.submit === "function"
      ? undefined
      : ({ kind: "type", expected: "an executor, or a function that gives one" } as const),
};

/** @throws TypeError, RangeError naming the option */
export function checkThreadedOptions(options: unknown, owner: string): asserts options is ThreadedOptions {
  checkOptions(options as ThreadedOptions, CHECKS, owner);
}

export type Submit = (fn: AnyFunction, args: unknown[]) => Task<unknown>;

export function submitTo(options: ThreadedOptions): Submit {
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
  { executor, ...callOptions }: ThreadedOptions,
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

/** A generator's items would have to flow; a plain call would get an object that cannot be copied. */
export function refuseGenerator(fn: object): void {
  const kind = Object.prototype.toString.call(fn);
  if (kind === "[object GeneratorFunction]" || kind === "[object AsyncGeneratorFunction]") {
    throw new TypeError("threaded: generator functions are not available in this version; return an array");
  }
}
