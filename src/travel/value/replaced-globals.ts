/**
 * What the program put into objects that each worker has of its own. A preload does so in workers, too; elsewhere they would see
 * the original, or nothing. So a worker looks before it runs the function.
 */
import { GLOBAL_NAMES, programsGlobal } from "../global-names.ts";
import { isNative, likeness, sourceOf } from "../reference.ts";
import type { Expected } from "./capture-nodes.ts";

const ITSELF = new Set(["globalThis", "global"]);
const NAMESPACES = new Set(["Atomics", "Intl", "JSON", "Math", "Reflect"]);
const isGlobal = new Set(GLOBAL_NAMES);

/** `members`: those that a function uses of the global of this name. */
export function expectedGlobals(
  name: string,
  members: ReadonlySet<string> | undefined,
  at: string,
): Expected[] {
  if (members === undefined || !isGlobal.has(name)) return [];
  const valueOf = ITSELF.has(name) ? programsGlobal : (member: string) => programsMember(name, member);
  return [...members].flatMap((member): Expected[] => {
    const found = valueOf(member);
    if (found === undefined) return [];
    const path = ITSELF.has(name) ? [member] : [name, member];
    const { value } = found;
    const reference =
      typeof value === "function"
        ? ({ kind: "builtin", path, ...likeness(value as () => unknown) } as const)
        : ({ kind: "object", path, programs: true } as const);
    return [{ reference, name: `${at} → ${name}.${member}` }];
  });
}

/** A function in an object of the language that the language does not have there. */
function programsMember(name: string, member: string): { readonly value: unknown } | undefined {
  const holder: unknown = Object.getOwnPropertyDescriptor(globalThis, name)?.value;
  const isOfLanguage = NAMESPACES.has(name) || (typeof holder === "function" && isNative(sourceOf(holder)));
  if (!isOfLanguage || holder === null || holder === undefined) return undefined;
  const value: unknown = Object.getOwnPropertyDescriptor(holder, member)?.value;
  return typeof value === "function" && !isNative(sourceOf(value)) ? { value } : undefined;
}
