/**
 * Memory limits of a child process, as options of V8.
 */
import type { ExecutorOptions } from "../core/executor.ts";
import type { ResourceLimits } from "../core/resource-limits.ts";

// V8's young generation is three semi-spaces (v8/src/heap/heap.cc, Heap::YoungGenerationSizeFromSemiSpaceSize).
const SEMI_SPACES = 3;

export function heapOptions({
  maxOldGenerationSizeMb,
  maxYoungGenerationSizeMb,
}: ResourceLimits = {}): string[] {
  const options: string[] = [];
  if (maxOldGenerationSizeMb !== undefined) options.push(`--max-old-space-size=${maxOldGenerationSizeMb}`);
  if (maxYoungGenerationSizeMb !== undefined) {
    options.push(`--max-semi-space-size=${Math.ceil(maxYoungGenerationSizeMb / SEMI_SPACES)}`);
  }
  return options;
}

/** @throws TypeError for limits that a process cannot be given. */
export function refuseThreadLimits({ resourceLimits }: ExecutorOptions, owner: string): void {
  for (const key of ["stackSizeMb", "codeRangeSizeMb"] as const) {
    if (resourceLimits?.[key] === undefined) continue;
    throw new TypeError(
      `${owner}: option "resourceLimits.${key}" is for threads; a process has the system's`,
    );
  }
}
