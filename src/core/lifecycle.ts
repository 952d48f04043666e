/**
 * The life of an executor.
 *
 * | state    | new calls                 | event → next                                                        |
 * | -------- | ------------------------- | ------------------------------------------------------------------- |
 * | running  | taken                     | no worker starts → broken; shutdown → draining                       |
 * | broken   | refused, with the cause   | a call after the pause → probing; a worker that was starting starts → running; shutdown → draining |
 * | probing  | taken, one worker starts  | it starts → running; it fails → broken, longer pause; shutdown → draining |
 * | draining | refused                   | all ended → closed                                                   |
 * | closed   | refused                   | -                                                                    |
 *
 * Nobody waits on a timer for a broken executor: the call that comes after the pause is the probe.
 */

export type Lifecycle =
  | { readonly kind: "running" }
  | { readonly kind: "broken"; readonly cause: unknown; readonly failures: number; readonly until: number }
  | { readonly kind: "probing"; readonly failures: number }
  | { readonly kind: "draining" }
  | { readonly kind: "closed" };

export type LifecycleState = Lifecycle["kind"];

/** What becomes of a new call. */
export type Admission = "take" | "probe" | "refuse-broken" | "refuse-closed";

export const RUNNING: Lifecycle = { kind: "running" };

// The first pause lets a burst of calls fail together instead of starting a worker each; the longest keeps a service that
// was repaired from waiting noticeably. Both are round numbers, nothing depends on them.
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 30_000;

// Of a pause, at random: programs that lost the same database at once do not all come back to it together.
const JITTER = 0.25;

/** `random`: from 0 to 1, what is left out of the jitter's part. */
export function pauseMs(failures: number, random: number, longestMs = LONGEST_PAUSE_MS): number {
  return Math.min(longestMs, FIRST_PAUSE_MS * 2 ** (failures - 1)) * (1 - JITTER * random);
}

export function admission(life: Lifecycle, now: number): Admission {
  switch (life.kind) {
    case "running":
    case "probing":
      return "take";
    case "broken":
      return now >= life.until ? "probe" : "refuse-broken";
    case "draining":
    case "closed":
      return "refuse-closed";
  }
}

export function probe(life: Lifecycle): Lifecycle {
  return life.kind === "broken" ? { kind: "probing", failures: life.failures } : life;
}

/** A worker started. */
export function started(life: Lifecycle): Lifecycle {
  return life.kind === "probing" || life.kind === "broken" ? RUNNING : life;
}

/** A worker could not start, and no other one is there to do the work. Those that started with it fail for nothing more. */
export function failed(life: Lifecycle, cause: unknown, now: number, random: number): Lifecycle {
  if (life.kind !== "running" && life.kind !== "probing") return life;
  const failures = 1 + (life.kind === "running" ? 0 : life.failures);
  return { kind: "broken", cause, failures, until: now + pauseMs(failures, random) };
}

export function drain(life: Lifecycle): Lifecycle {
  return life.kind === "closed" ? life : { kind: "draining" };
}

export function close(): Lifecycle {
  return { kind: "closed" };
}
