/**
 * The monitors of one loop. The strictest decides how it is watched; each hears only of what reaches its own threshold.
 */
import { performance } from "node:perf_hooks";
import { threadId } from "node:worker_threads";
import { callEach } from "../core/call-each.ts";
import type { ContextsOf, FoundStall } from "./ended-turns.ts";
import type { Unresponsive } from "./messages.ts";
import type { Stall } from "./stall.ts";
import type { Watcher } from "./watcher.ts";

export class Watchers {
  readonly #all = new Set<Watcher>();

  get size(): number {
    return this.#all.size;
  }

  add(watcher: Watcher): void {
    this.#all.add(watcher);
  }

  delete(watcher: Watcher): void {
    this.#all.delete(watcher);
  }

  get thresholdMs(): number {
    return this.#least((watcher) => watcher.thresholdMs);
  }

  get sampleMs(): number {
    return this.#least((watcher) => watcher.sampleMs);
  }

  /** NaN: none says, so it is what the platform needs. */
  get idleHeartbeatMs(): number {
    const set = [...this.#all].flatMap(({ idleHeartbeatMs }) => idleHeartbeatMs ?? []);
    return set.length === 0 ? NaN : Math.min(...set);
  }

  get unresponsive(): Unresponsive[] {
    return [...this.#all].flatMap((watcher) => watcher.unresponsive ?? []);
  }

  get wantStacks(): boolean {
    return [...this.#all].some(({ stacks }) => stacks === "auto");
  }

  get wantSyncCalls(): boolean {
    return [...this.#all].some(({ syncCalls }) => syncCalls);
  }

  sampled(turn: number): void {
    for (const watcher of this.#all) watcher.sampled(turn);
  }

  contexts(turn: number): ContextsOf {
    return new Map([...this.#all].map((watcher) => [watcher, watcher.contexts(turn)]));
  }

  /** `record`: a stall as JSON. Each monitor gets an object of its own, here and below. */
  lasting(turn: number, record: string): void {
    const { durationMs } = JSON.parse(record) as Stall;
    callEach(this.#reachedBy(durationMs), (watcher) => watcher.lasting(turn, JSON.parse(record) as Stall));
  }

  /** `startedAt` on this thread's clock. */
  stalled(found: FoundStall, contexts?: ContextsOf): void {
    const startedAt = performance.timeOrigin + found.startedAt;
    callEach(this.#reachedBy(found.durationMs), (watcher) => {
      const nothing = { gcMs: 0, samples: 0, stack: [], hot: [] };
      const stall = { ...nothing, ...structuredClone(found), threadId, startedAt };
      watcher.stalled({ ...stall, contexts: contexts?.get(watcher) ?? [] });
    });
  }

  #reachedBy(ms: number): Watcher[] {
    return [...this.#all].filter(({ thresholdMs }) => ms >= thresholdMs);
  }

  #least(of: (watcher: Watcher) => number): number {
    return Math.min(...[...this.#all].map(of));
  }
}
