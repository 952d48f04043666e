/**
 * Fixed work, and how much of it takes so long on this machine.
 */
import { median } from "../harness.ts";
import { work } from "../workers/work.js";

/** Steps of `work` that take so many ms of an idle CPU. */
export function stepsFor(ms: number): number {
  const probe = 1_000_000;
  for (let run = 0; run < 20; run++) work(probe);
  // The fastest looks: whatever else the machine did made the others longer.
  const times = Array.from({ length: 30 }, () => {
    const startedAt = performance.now();
    work(probe);
    return performance.now() - startedAt;
  });
  return Math.round((probe * ms) / median(times.toSorted((a, b) => a - b).slice(0, 9)));
}
