/**
 * Which class of the language a value has, whatever realm it is from: test runners run programs in a realm of their own, where
 * what Node's modules give has other classes of the same names.
 */
import { sourceOf } from "../reference.ts";

/** "Array", "Map", "Object" …, when the value's prototype is exactly that class's; "null" without one. */
export function intrinsicClass(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null ? "null" : intrinsicPrototype(prototype as object);
}

/** The name of the class whose prototype this is. */
export function intrinsicPrototype(prototype: object): string | undefined {
  const Class: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof Class !== "function") return undefined;
  const name = String(Class.name);
  const isNative = sourceOf(Class) === `function ${name}() { [native code] }`;
  return isNative && Object.getOwnPropertyDescriptor(Class, "prototype")?.value === prototype
    ? name
    : undefined;
}
