/**
 * What the parts of a capture have of each other: a place for each value that was met, and the way on into its parts.
 */
import type { Captured, CaptureNode, Field } from "./capture-nodes.ts";

export interface Walk {
  /** Takes a place for the value before its parts are captured, so that a cycle finds it. */
  add(value: unknown, fill: (id: number) => CaptureNode): Captured;
  value(value: unknown, path: string): Captured;
  fields(holder: object, keys: readonly (string | symbol)[], path: string): Field[];
  warn(text: string): void;
}
