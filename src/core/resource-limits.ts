/**
 * How much memory a worker may take.
 */
import { type Check, integer, type Wrong } from "./check-options.ts";

/** Limits of each worker, in MiB. A worker that goes beyond one ends: its task rejects with `WorkerLostError`, `oom` true. */
export interface ResourceLimits {
  /** The heap, without what is young. V8's own limit unless set. */
  maxOldGenerationSizeMb?: number;
  /** The part of the heap for what was just made. V8's own limit unless set. */
  maxYoungGenerationSizeMb?: number;
  /** Memory for compiled code. Threads only. */
  codeRangeSizeMb?: number;
  /** The stack. 4 unless set. Threads only: a process has what the system gives it. */
  stackSizeMb?: number;
}

const KEYS = new Set([
  "maxOldGenerationSizeMb",
  "maxYoungGenerationSizeMb",
  "codeRangeSizeMb",
  "stackSizeMb",
]);
const size = integer({ least: 1 });

export const resourceLimits: Check = (value): Wrong | undefined => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { kind: "type", expected: "an object" };
  }
  for (const [key, limit] of Object.entries(value)) {
    if (!KEYS.has(key)) return { kind: "type", expected: `made of ${[...KEYS].join(", ")}` };
    const wrong = limit === undefined ? undefined : size(limit);
    if (wrong !== undefined) return { ...wrong, expected: `an object whose ${key} is ${wrong.expected}` };
  }
  return undefined;
};
