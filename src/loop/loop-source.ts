/**
 * Where a monitor's numbers come from: the loop of this thread, or a clock of the test's own.
 */
import type { Clock } from "../core/clock.ts";
import { LagWindows } from "./lag-windows.ts";
import { LoopWatch } from "./loop-watch.ts";
import type { Watcher } from "./watcher.ts";
import { type LiveReport, monotonicMs } from "./messages.ts";
import type { ThreadpoolLag } from "./threadpool-lag.ts";
import { loopNow, TurnHook } from "./turn-hook.ts";

export interface LoopSource {
  readonly lag: LagWindows;
  readonly threadpool: ThreadpoolLag | undefined;
  now(): number;
  /** How long the turn is busy that has not ended. */
  busyMs(): number;
  /** The longest wait for a thread of the pool since `ms` ago. */
  threadpoolLagMs(ms: number): number;
  ready(): Promise<void>;
  leave(): Promise<void>;
}

export function sourceOfThread(watcher: Watcher, live: LiveReport | undefined): LoopSource {
  const watch = LoopWatch.join(watcher, live);
  return {
    lag: watch.lag,
    threadpool: watch.threadpool,
    now: loopNow,
    busyMs: () => watch.busyMs(),
    threadpoolLagMs: (ms) => watch.threadpool?.longest(monotonicMs() - ms, monotonicMs()) ?? 0,
    ready: () => watch.ready(),
    leave: () => watch.leave(watcher),
  };
}

/** What passes on the clock between two turns is what the turn took. */
export function sourceOfClock(watcher: Watcher, clock: Clock): LoopSource {
  const lag = new LagWindows(clock.now());
  let endedAt = clock.now();
  const hook = new TurnHook(() => {
    const now = clock.now();
    const durationMs = now - endedAt;
    endedAt = now;
    lag.record(now, durationMs);
    if (durationMs < watcher.thresholdMs) return;
    const startedAt = clock.timeOrigin + now - durationMs;
    const unseen = { threadId: 0, gcMs: 0, samples: 0, stack: [], hot: [], contexts: [] };
    watcher.stalled({ kind: "loop", cause: "unknown", startedAt, durationMs, ...unseen });
  });
  hook.start();
  return {
    lag,
    threadpool: undefined,
    now: () => clock.now(),
    busyMs: () => clock.now() - endedAt,
    threadpoolLagMs: () => 0,
    ready: () => Promise.resolve(),
    leave() {
      hook.end();
      hook.stop();
      return Promise.resolve();
    },
  };
}
