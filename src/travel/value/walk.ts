/**
 * What the parts of a capture have of each other: a place for each value that was met, and the way on into its parts.
 */
import type { Captured, CaptureNode, Own } from "./capture-nodes.ts";

export interface Walk {
  /** Takes a place for the value before its parts are captured, so that a cycle finds it. */
  add(value: unknown, fill: (id: number) => CaptureNode): Captured;
  value(value: unknown, path: string): Captured;
  /** The given properties of an object, and whether more can be added. */
  own(holder: object, keys: readonly (string | symbol)[], path: string): Own;
  warn(text: string): void;
}
