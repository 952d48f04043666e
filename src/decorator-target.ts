/**
 * What a decorator was put on, told from its arguments: TC39's `(value, context)`, or TypeScript's older `(target, key,
 * descriptor)`. Only methods can be threaded; everything else is refused with what to do instead.
 */
import type { AnyFunction } from "./core/function-handle.ts";

/** A method, as either kind of decorator is given it. */
export interface DecoratedMethod {
  readonly plain: AnyFunction;
  readonly key: string | symbol;
  readonly isStatic: boolean;
  /** The class or the prototype; TC39 decorators run before it can be seen. */
  readonly holder: object | undefined;
  /** The older kind gives back a property. */
  readonly descriptor: PropertyDescriptor | undefined;
}

/** Undefined for arguments of a plain call. @throws TypeError for a decorator on something else than a method */
export function decoratorTarget(args: readonly unknown[]): DecoratedMethod | undefined {
  const [first, second, third] = args;
  if (isContext(second)) return standard(first, second);
  const isKey = typeof second === "string" || typeof second === "symbol";
  if (isKey || (args.length === 3 && second === undefined)) return legacy(first, second, third);
  return undefined;
}

function isContext(value: unknown): value is DecoratorContext {
  const { kind, addInitializer } = (value ?? {}) as Partial<DecoratorContext>;
  return typeof kind === "string" && typeof addInitializer === "function";
}

function standard(value: unknown, context: DecoratorContext): DecoratedMethod {
  const { kind, name = "it" } = context;
  if (kind !== "method") return refuse(name, kind);
  if (context.private) return refuse(name, "private method");
  return method(value, { key: name, isStatic: context.static, holder: undefined, descriptor: undefined });
}

function legacy(target: unknown, key: string | symbol | undefined, property: unknown): DecoratedMethod {
  if (key === undefined || typeof property === "number") return refuse(key ?? "constructor", "parameter");
  const descriptor = property as PropertyDescriptor | undefined;
  if (descriptor === undefined) return refuse(key, "field");
  if (descriptor.get !== undefined || descriptor.set !== undefined) {
    return refuse(key, descriptor.get === undefined ? "setter" : "getter");
  }
  const isStatic = typeof target === "function";
  return method(descriptor.value, { key, isStatic, holder: target as object, descriptor });
}

function method(value: unknown, rest: Omit<DecoratedMethod, "plain">): DecoratedMethod {
  if (typeof value !== "function") return refuse(rest.key, typeof value);
  return { plain: value as AnyFunction, ...rest };
}

function refuse(key: string | symbol, what: string): never {
  throw new TypeError(
    `@threaded is for methods that return a promise; ${String(key)} is a ${what}. Move the work into an async method, or wrap ` +
      "a function with threaded().",
  );
}
