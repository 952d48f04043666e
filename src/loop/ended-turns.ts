/**
 * Turns that took too long, between their end and the watchdog's answer. Each is told exactly once: with the answer, or without
 * it when the watchdog is gone or silent.
 */
import { callEach } from "../core/call-each.ts";
import { systemClock } from "../core/clock.ts";
import { causeOf } from "./cause.ts";
import type { GcTimes } from "./gc-times.ts";
import type { Watcher } from "./watcher.ts";
import type { Observation } from "./messages.ts";
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
  readonly #turns = new Map<number, EndedTurn & { readonly stopTimer: () => void }>();

  constructor(gc: GcTimes, deliver: (found: FoundStall, contexts: ContextsOf) => void) {
    this.#gc = gc;
    this.#deliver = deliver;
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
    const {
      live,
      heldMs,
      isSampled,
      watchdogLateMs,
      culprit,
      cpuMs: seenCpuMs,
      cpuWaitMs,
      ...seen
    } = observation;
    const cpuMs = seenCpuMs ?? (ended.cpuMs === undefined ? undefined : Math.min(durationMs, ended.cpuMs));
    const gcMs = this.#gc.within(startedAt, startedAt + durationMs);
    const signals = {
      durationMs,
      cpuMs,
      cpuWaitMs,
      gcMs,
      watchdogLateMs,
      isSampled,
      live,
      heldMs,
      hasDebugger,
      isInNativeCall: culprit?.nativeCall !== undefined,
    };
    const stall: FoundStall = {
      kind: "loop",
      cause: causeOf(signals),
      startedAt,
      durationMs,
      gcMs,
      ...(cpuMs !== undefined && { cpuMs }),
      ...(cpuWaitMs !== undefined && { cpuWaitMs }),
      ...(culprit !== undefined && { culprit }),
      ...seen,
    };
    this.#deliver(stall, ended.contexts);
  }
}
