/**
 * Turns that took too long, between their end and the watchdog's answer. Each is told exactly once: with the answer, or without
 * it when the watchdog is gone or silent.
 */
import { callEach } from "../core/call-each.ts";
import { systemClock } from "../core/clock.ts";
import { holdingTimer } from "../core/holding-timer.ts";
import type { GcTimes } from "./gc-times.ts";
import type { Watcher } from "./watcher.ts";
import type { Observation } from "./messages.ts";
import { observedStall } from "./observed-stall.ts";
import type { Stall } from "./stall.ts";

export type ContextsOf = ReadonlyMap<Watcher, Stall["contexts"]>;

/** `startedAt` on the watched thread's clock. */
export type FoundStall = Pick<Stall, "kind" | "cause" | "startedAt" | "durationMs"> &
  Omit<Partial<Stall>, "contexts">;

interface EndedTurn {
  readonly startedAt: number;
  readonly durationMs: number;
  /** As far as the thread itself knows. */
  readonly cpuMs: number | undefined;
  readonly hasDebugger: boolean;
  readonly contexts: ContextsOf;
}

const UNSEEN: Observation = {
  samples: 0,
  culprit: undefined,
  stack: [],
  hot: [],
  cpuMs: undefined,
  cpuWaitMs: undefined,
  watchdogLateMs: 0,
  isSampled: false,
  live: [],
  heldMs: 0,
};
/** For the watchdog's answer, which takes less than a millisecond unless it reads source maps. */
const ANSWER_MS = 1_000;

export class EndedTurns {
  readonly #gc: GcTimes;
  readonly #deliver: (found: FoundStall, contexts: ContextsOf) => void;
  readonly #emptied: (() => void)[] = [];
  readonly #turns = new Map<number, EndedTurn & { readonly stopTimer: () => void }>();

  constructor(gc: GcTimes, deliver: (found: FoundStall, contexts: ContextsOf) => void) {
    this.#gc = gc;
    this.#deliver = deliver;
  }

  /** Resolves when all are told; whoever waits for that holds the process. */
  async empty(): Promise<void> {
    if (this.#turns.size === 0) return;
    await new Promise<void>((resolve) => {
      // Only holds: each turn is told within a second, also without an answer.
      const release = holdingTimer(undefined, Infinity, () => {});
      this.#emptied.push(() => {
        release();
        resolve();
      });
    });
  }

  get size(): number {
    return this.#turns.size;
  }

  add(turn: number, ended: EndedTurn): void {
    const stopTimer = systemClock.after(ANSWER_MS, () => this.tell(turn));
    this.#turns.set(turn, { ...ended, stopTimer });
  }

  tellRest(): void {
    callEach([...this.#turns.keys()], (turn) => this.tell(turn));
  }

  tell(turn: number, observation = UNSEEN): void {
    const ended = this.#turns.get(turn);
    if (ended === undefined) return;
    this.#turns.delete(turn);
    ended.stopTimer();
    const { startedAt, durationMs, hasDebugger } = ended;
    const ownCpuMs = ended.cpuMs === undefined ? undefined : Math.min(durationMs, ended.cpuMs);
    const gcMs = this.#gc.within(startedAt, startedAt + durationMs);
    const stall = observedStall(
      { ...observation, cpuMs: observation.cpuMs ?? ownCpuMs },
      { startedAt, durationMs, gcMs, hasDebugger },
    );
    try {
      this.#deliver(stall, ended.contexts);
    } finally {
      if (this.#turns.size === 0) for (const done of this.#emptied.splice(0)) done();
    }
  }
}
