/**
 * The method that `@threaded` puts in the place of the plain one: each call is sent with the `this` it was made on.
 */
import type { AnyFunction } from "./core/function-handle.ts";
import type { DecoratedMethod } from "./decorator-target.ts";
import { checkThreadedOptions, madeBy, submitTo, type ThreadedOptions } from "./threaded-call.ts";
import { recordDecorated } from "./travel/decorated.ts";
import { decorationSite } from "./travel/decoration-site.ts";
import { methodCall } from "./travel/method-call.ts";
import { markThreaded } from "./travel/threaded-mark.ts";

/** @param callee what the decorator's caller called: the frames below it say where the class is. */
export function threadedMethod(
  { plain, key, isStatic, holder, descriptor }: DecoratedMethod,
  options: ThreadedOptions,
  callee: (...args: never[]) => unknown,
): unknown {
  const made = madeBy(plain);
  if (Object.prototype.toString.call(plain) === "[object GeneratorFunction]") {
    throw new TypeError(
      `@threaded: ${String(key)} gives its items later than a generator would: declare it async *`,
    );
  }
  checkThreadedOptions(options, "@threaded", made);
  const submit = submitTo(options, made);
  // What a class goes by is the same in each call; what an instance holds is not.
  const ofClasses = new WeakMap<object, AnyFunction>();
  const boundTo = (self: object): AnyFunction => {
    if (typeof self !== "function") return methodCall(plain, self, nameOf(self.constructor, key));
    let bound = ofClasses.get(self);
    if (bound === undefined) ofClasses.set(self, (bound = methodCall(plain, self, nameOf(self, key))));
    return bound;
  };
  const wrapped = function (this: unknown, ...args: unknown[]): unknown {
    const isObject = (typeof this === "object" && this !== null) || typeof this === "function";
    // Called without an object, as the plain one could be.
    return submit(isObject ? boundTo(this) : plain, args);
  };
  for (const name of ["name", "length"] as const) {
    Object.defineProperty(wrapped, name, { value: plain[name], configurable: true });
  }
  markThreaded(wrapped, plain);
  recordDecorated({ plain, key, isStatic, holder, site: decorationSite(callee) });
  return descriptor === undefined ? wrapped : { ...descriptor, value: wrapped };
}

function nameOf(Class: unknown, key: string | symbol): string {
  const name: unknown = typeof Class === "function" ? Class.name : undefined;
  return typeof name === "string" && name !== "" ? `${name}.${String(key)}` : String(key);
}
