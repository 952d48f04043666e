/**
 * Variables that nothing ever assigns again, from the source of their whole script. A function that captures nothing else
 * needs no second look at its variables.
 */
import type { FunctionSource } from "./function-source.ts";
import { scriptNames } from "./script-names.ts";

// Most functions are sent once or twice.
const LOOKS_BEFORE = 8;

const looks = new Map<string, number>();

export function isConstant(source: FunctionSource, name: string): boolean {
  const { scriptId } = source;
  const looked = (looks.get(scriptId) ?? 0) + 1;
  looks.set(scriptId, looked);
  return looked >= LOOKS_BEFORE && scriptNames(source)?.assigned.has(name) === false;
}
