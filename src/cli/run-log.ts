/**
 * What a page about a run needs, as its records come. Bounded, however long the run is.
 */
import type { StackSeen, Stall } from "../loop/stall.ts";
import type { LagPoint } from "./html/timeline.ts";
import type { WatchRecord } from "./record.ts";

/** The longest ones are kept. A page with more could not be read. */
const MOST_STALLS = 200;
/** An hour, a point a second; of a longer run every other point is dropped, again and again. */
const MOST_POINTS = 3_600;
/** Two threads tell of one stall, each by its own clock. */
const SAME_MS = 2;

interface Seen {
  readonly startedAt: number;
  readonly durationMs: number;
  readonly stacks: readonly StackSeen[];
}

export class RunLog {
  readonly startedAt = Date.now();
  #points: LagPoint[] = [];
  #every = 1;
  #told = 0;
  readonly #stalls: Stall[] = [];
  readonly #seen: Seen[] = [];
  untold = 0;

  add(record: WatchRecord): void {
    if (record.type === "stall") {
      const { type: _, ...stall } = record;
      if (longest(this.#stalls, stall)) this.untold++;
    } else if (record.type === "stacks") {
      longest(this.#seen, record);
    } else if (record.type === "windows" && this.#told++ % this.#every === 0) {
      this.#points.push({ at: record.at, p99: record.windows[0]?.lag.p99 ?? 0 });
      if (this.#points.length > MOST_POINTS) this.#thinOut();
    }
  }

  get points(): readonly LagPoint[] {
    return this.#points;
  }

  stalls(): { readonly stall: Stall; readonly stacks: readonly StackSeen[] }[] {
    return this.#stalls.map((stall) => ({ stall, stacks: this.#stacksOf(stall) }));
  }

  #stacksOf(stall: Stall): readonly StackSeen[] {
    if (stall.kind !== "loop") return [];
    const isSame = (one: Seen): boolean =>
      Math.abs(one.startedAt - stall.startedAt) < SAME_MS &&
      Math.abs(one.durationMs - stall.durationMs) < SAME_MS;
    return this.#seen.find(isSame)?.stacks ?? [];
  }

  #thinOut(): void {
    this.#points = this.#points.filter((_, index) => index % 2 === 0);
    this.#every *= 2;
  }
}

/** True: one was dropped, the shortest. */
function longest<T extends { readonly durationMs: number }>(kept: T[], one: T): boolean {
  kept.push(one);
  if (kept.length <= MOST_STALLS) return false;
  const shortest = kept.reduce((a, b) => (b.durationMs < a.durationMs ? b : a));
  kept.splice(kept.indexOf(shortest), 1);
  return true;
}
