/**
 * A monitor, as the watch over the loop sees it.
 */
import type { Unresponsive } from "./messages.ts";
import type { Stall } from "./stall.ts";

export interface Watcher {
  readonly thresholdMs: number;
  readonly sampleMs: number;
  readonly stacks: "auto" | false;
  readonly idleHeartbeatMs: number | undefined;
  readonly syncCalls: boolean;
  readonly unresponsive: Unresponsive | undefined;
  /** A sample is being taken, in the turn that is blocked. */
  sampled(turn: number): void;
  /** What the samples of a turn gave. */
  contexts(turn: number): Stall["contexts"];
  lasting(turn: number, stall: Stall): void;
  stalled(stall: Stall): void;
}
