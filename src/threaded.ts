/**
 * `threaded(fn)`: the function, off the event loop. `@threaded`: the method.
 */
import { withoutUndefined } from "./core/check-options.ts";
import type { AnyFunction } from "./core/function-handle.ts";
import type { MapOptions } from "./core/map-options.ts";
import type { Task } from "./core/task.ts";
import type { TaskStream } from "./core/task-stream.ts";
import { decoratorTarget } from "./decorator-target.ts";
import { checkThreadedOptions, mapTo, madeBy, submitTo, type ThreadedOptions } from "./threaded-call.ts";
import { threadedMethod } from "./threaded-method.ts";
import { topLevelCallSite } from "./travel/call-site.ts";
import { sourceOf } from "./travel/reference.ts";
import { register } from "./travel/registry.ts";
import { markDecorator, markThreaded } from "./travel/threaded-mark.ts";

export type { ThreadedOptions } from "./threaded-call.ts";

/** What a call gives: of a generator function the items as they come, else the result. */
export type Called<R> =
  IsAnyOrNever<R> extends true
    ? Task<Awaited<R>>
    : [R] extends [StreamedBy<infer Y>]
      ? TaskStream<Y>
      : Task<Awaited<R>>;

/** One result for each item: a generator function has none. */
export type Mapped<A extends unknown[], R> =
  Called<R> extends TaskStream<unknown>
    ? never
    : (items: Iterable<A[0]> | AsyncIterable<A[0]>, options?: MapOptions) => TaskStream<Awaited<R>>;

/** They would pass for anything. */
type IsAnyOrNever<R> = 0 extends 1 & R ? true : [R] extends [never] ? true : false;

/** What generator functions give, which no other object looks like: the rest of it does not matter. */
// `any`, because what a generator returns and takes has to fit whatever it is.
// oxlint-disable-next-line typescript/no-explicit-any
export type StreamedBy<Y> = Generator<Y, any, any> | AsyncGenerator<Y, any, any>;

/** A function whose calls run off the event loop. */
export interface Threaded<A extends unknown[], R> {
  (...args: A): Called<R>;
  /** The plain function, on this thread. */
  sync(...args: A): R;
  /** The same with other options; those given here win. */
  with(options: ThreadedOptions): (...args: A) => Called<R>;
  /**
   * The results for each item; see {@link Executor.map}. `options` win over those given to `threaded`. Not of generator functions.
   *
   * @throws TypeError, RangeError for a generator function, items that cannot be iterated, and bad options.
   */
  readonly map: Mapped<A, R>;
  readonly name: string;
}

/** A method that can be decorated: a decorator cannot change its type, so it gives a promise already, or items one after the other. */
// `any`, because TypeScript's ClassMethodDecoratorContext asks for it.
// oxlint-disable-next-line typescript/no-explicit-any
export type ThreadedMethod<This> = (this: This, ...args: any) => Promise<unknown> | AsyncGenerator;

/** What `threaded({ … })` gives: a decorator of both kinds. */
export interface ThreadedDecorator {
  <This, M extends ThreadedMethod<This>>(method: M, context: ClassMethodDecoratorContext<This, M>): M;
  /** TypeScript's `experimentalDecorators`. */
  <M extends ThreadedMethod<never>>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<M>,
  ): TypedPropertyDescriptor<M>;
}

/**
 * As a decorator, `@threaded` or `@threaded({ … })`: each call of the method runs in a worker. For static and instance methods
 * that are `async`, `async *` or return a promise, under TC39 decorators and under `experimentalDecorators`. The method's type stays.
 *
 * A static method runs with its class as `this`: the worker's own one, when it finds the class where it was decorated, at the
 * top level of a module; else a copy of it as it is at the call. An instance method runs on a copy of the object: its own
 * fields are copied for each call, the prototype is that of its class. **What the method changes of `this` stays in the
 * worker**: return what the caller needs. In a worker, and on an `InlineExecutor`, it runs in place, on the object itself.
 *
 * There is no `.sync` and no `.with`: keep the work in a plain method or a function, and call that from the decorated one.
 *
 * @throws TypeError, RangeError for anything but a method, for private methods and plain generators, and for bad options. A call
 * rejects with {@link TravelError} when `this` cannot be copied: `#private` members (also lowered ones), an arrow function with
 * `this` in a field, a socket, a class that extends one of Node's. `path` names the field: `this.socket`.
 * @example
 * ```js
 * import { shutdownDefaultExecutors, threaded } from "offloop";
 *
 * class Prices {
 *   rate = 2;
 *   async total(amounts) {
 *     return amounts.reduce((sum, amount) => sum + amount * this.rate, 0);
 *   }
 * }
 * // JavaScript has no decorators yet; in TypeScript: @threaded({ timeoutMs: 5_000 }) async total(…) { … }
 * const total = Object.getOwnPropertyDescriptor(Prices.prototype, "total");
 * Object.defineProperty(Prices.prototype, "total", threaded({ timeoutMs: 5_000 })(Prices.prototype, "total", total));
 *
 * console.log(await new Prices().total([1, 2, 3])); // => 12
 * await shutdownDefaultExecutors();
 * ```
 */
export function threaded<This, M extends ThreadedMethod<This>>(
  method: M,
  context: ClassMethodDecoratorContext<This, M>,
): M;
export function threaded<M extends ThreadedMethod<never>>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
): TypedPropertyDescriptor<M>;
export function threaded(options: ThreadedOptions): ThreadedDecorator;
/**
 * Wraps a function so that each call runs in a worker and gives a promise. The types stay: arguments as they were, the result
 * as a {@link Task} of it.
 *
 * Call it at the top level of a module: a worker imports that module and finds the same function there, whatever it uses.
 * Functions that are wrapped elsewhere must be exported by their module. Module state is per worker. The arguments and the
 * result are copied; see {@link transfer} to move them. Inside a worker a wrapped function runs in place, on that worker.
 *
 * A generator function, plain or async, gives a {@link TaskStream} in place of a task; see {@link Executor.stream}. One that merely returns a
 * generator is no generator function, although TypeScript takes it for one: its call is a task, which cannot be iterated and
 * rejects. `executor.stream` takes it.
 *
 * @throws TypeError, RangeError for something that is not a function and for bad options.
 * @example
 * ```js
 * import { threaded, shutdownDefaultExecutors } from "offloop";
 * import { scryptSync } from "node:crypto";
 *
 * const hash = threaded(scryptSync, { timeoutMs: 10_000 });
 * const key = await hash("password", "salt", 32);
 * console.log(key.length); // => 32
 * await shutdownDefaultExecutors();
 * ```
 */
export function threaded<A extends unknown[], R>(
  fn: (...args: A) => R,
  // Else the context of a getter's decorator would do.
  options?: ThreadedOptions & { readonly kind?: never },
): Threaded<A, R>;
export function threaded(...args: unknown[]): unknown {
  const [fn, options = {}] = args;
  const method = decoratorTarget(args);
  if (method !== undefined) return threadedMethod(method, {}, threaded);
  if (args.length === 1 && typeof fn === "object" && fn !== null) return decorator(fn);
  if (typeof fn !== "function") throw new TypeError(`threaded: fn must be a function, got ${typeof fn}`);
  refuseClass(fn);
  checkThreadedOptions(options, "threaded", madeBy(fn));
  return threadedFunction(fn as AnyFunction, options);
}

function decorator(options: object): unknown {
  checkThreadedOptions(options, "@threaded", "stream");
  const decorate = (...args: unknown[]): unknown => {
    const method = decoratorTarget(args);
    if (method === undefined) {
      throw new TypeError(
        "threaded({…}) is a decorator: write it before a method. To wrap a function, give it first.",
      );
    }
    return threadedMethod(method, options, decorate);
  };
  markDecorator(decorate);
  return decorate;
}

function threadedFunction(fn: AnyFunction, options: ThreadedOptions): unknown {
  const site = topLevelCallSite(threaded);
  if (site !== undefined) register(fn, site);
  const call = caller(fn, options);
  const wrapped = Object.assign((...args: unknown[]) => call(...args), {
    sync: fn,
    with: (more: ThreadedOptions) => {
      checkThreadedOptions(more, `${fn.name}.with`, madeBy(fn));
      const other = caller(fn, { ...options, ...withoutUndefined(more) });
      markThreaded(other, fn);
      return other;
    },
    map: (items: Iterable<unknown>, more: MapOptions = {}) => mapTo(fn, items, options, more),
  });
  Object.defineProperty(wrapped, "name", { value: fn.name, configurable: true });
  markThreaded(wrapped, fn);
  return wrapped;
}

function caller(fn: AnyFunction, options: ThreadedOptions): (...args: unknown[]) => unknown {
  const submit = submitTo(options, madeBy(fn));
  return (...args) => submit(fn, args);
}

/** As `experimentalDecorators` give it, too. It cannot be called. */
function refuseClass(fn: object): void {
  if (/^class\b/.test(sourceOf(fn))) {
    throw new TypeError("threaded: a class cannot run in a worker; put @threaded on its async methods");
  }
}
