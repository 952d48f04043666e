/**
 * One thing that wraps functions and decorates methods, by either kind of decorators.
 */
type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Wraps a function, or decorates a method. A decorator cannot change a method's type, so it takes methods that return a promise.
 */
export interface PromiseWrapper {
  /** `@decorator`, as standardized. */
  <This, A extends unknown[], R>(
    method: (this: This, ...args: A) => Promise<R>,
    context: ClassMethodDecoratorContext<This, (this: This, ...args: A) => Promise<R>>,
  ): (this: This, ...args: A) => Promise<R>;
  /** `@decorator`, with TypeScript's `experimentalDecorators`. */
  <A extends never[], R>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<(...args: A) => Promise<R>>,
  ): void;
  <This, A extends unknown[], R>(
    fn: (this: This, ...args: A) => R,
  ): (this: This, ...args: A) => Promise<Awaited<R>>;
}

/** @throws TypeError when it is given something that is not a function. */
export function promiseWrapper(owner: string, wrap: (fn: AnyFunction) => AnyFunction): PromiseWrapper {
  const wrapNamed = (fn: unknown): AnyFunction => {
    if (typeof fn !== "function") {
      throw new TypeError(`${owner} wraps functions and methods, got ${typeof fn}`);
    }
    const wrapped = wrap(fn as AnyFunction);
    Object.defineProperty(wrapped, "name", { value: fn.name, configurable: true });
    return wrapped;
  };
  const wrapper = (fn: unknown, key?: unknown, descriptor?: PropertyDescriptor): unknown => {
    // An index: `functions.map(timeout(500))`.
    if (descriptor === undefined || typeof key === "number") return wrapNamed(fn);
    descriptor.value = wrapNamed(descriptor.value);
    return undefined;
  };
  return wrapper as PromiseWrapper;
}

/** How a function is called in messages. */
export function nameOf(fn: (...args: never[]) => unknown): string {
  return fn.name === "" ? "anonymous" : fn.name;
}
