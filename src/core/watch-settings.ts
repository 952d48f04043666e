/**
 * What `offloop watch` and the program that it runs agree on.
 */

/** In the environment of the program, until its monitor has read it. */
export const WATCH_VARIABLE = "OFFLOOP_WATCH";

/** Descriptors in the program: for its main thread, and for the watchdog while that is blocked. */
export const REPORT_FD = 3;
export const LIVE_FD = 4;

export interface WatchSettings {
  readonly thresholdMs: number;
  /** For a report: all stacks of each stall. */
  readonly withStacks: boolean;
  /** How the monitor was named to Node: it must not be named to the program's own children. */
  readonly preload: string;
}
