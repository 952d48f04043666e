/**
 * Arguments that structured clone makes plain objects of: what their class gave them is not there on the other side.
 */
import { warn } from "./warn.ts";

const told = new WeakSet<object>();

/** Names each class once. Copies the argument to find out, so it is for debug mode. */
export function warnOfLostClasses(args: readonly unknown[], task: string): void {
  args.forEach((value, index) => {
    const owner = classOf(value);
    if (owner === undefined || told.has(owner) || keepsItsClass(value)) return;
    told.add(owner);
    warn(
      "CLASS_LOST",
      `args[${index}] of ${task} is a ${owner.name}, and arrives as a plain object without its methods. ` +
        "Pass plain data, and make the object there.",
    );
  });
}

/** A class that is written in JavaScript. */
function classOf(value: unknown): { readonly name: string } | undefined {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return undefined;
  const { constructor } = value as { constructor?: unknown };
  const isClass =
    typeof constructor === "function" && /^class\b/.test(Function.prototype.toString.call(constructor));
  return isClass ? constructor : undefined;
}

/** As Node's own do that can be cloned: keys, blobs, ports. */
function keepsItsClass(value: unknown): boolean {
  try {
    return Object.getPrototypeOf(structuredClone(value)) === Object.getPrototypeOf(value);
  } catch {
    // It cannot be copied at all. That is told with the call.
    return true;
  }
}
