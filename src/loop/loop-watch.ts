/**
 * The watch over this thread's loop: one hook, one watchdog, however many monitors there are. It begins with the first and ends
 * with the last.
 *
 * What becomes of a turn that took too long:
 *
 * 1. The watchdog noticed it and samples it.
 * 2. The turn ends. The hook knows how long it took, and tells the watchdog, before it counts the turn.
 * 3. The watchdog answers with what it saw. When it is gone, or silent for a second, the stall is told without.
 * 4. The collections of that time have been told by now: the cause is known, and the monitors hear of it.
 *
 * At the exit of the process steps 2 to 4 happen at once, so that the last stall is told as well.
 */
import { performance } from "node:perf_hooks";
import { threadId } from "node:worker_threads";
import { type ContextsOf, EndedTurns, type FoundStall } from "./ended-turns.ts";
import { GcTimes } from "./gc-times.ts";
import { Heartbeat } from "./heartbeat.ts";
import { inspectorRefusal, isDebugged } from "../inspect/inspector-state.ts";
import { LagWindows } from "./lag-windows.ts";
import { type LiveReport, monotonicMs } from "./messages.ts";
import { Sampler } from "./sampler.ts";
import type { Stall } from "./stall.ts";
import { SyncCalls } from "./sync-calls.ts";
import { ThreadpoolLag } from "./threadpool-lag.ts";
import { inRootContext, loopNow, TurnHook } from "./turn-hook.ts";
import { WatchWords } from "./watch-words.ts";
import type { Watcher } from "./watcher.ts";
import { sayReduced, type WatchdogEvents, WatchdogThread } from "./watchdog-thread.ts";

// Before a test can fake it.
const { setImmediate } = globalThis;

/** For the watchdog's answers at exit, all of them: it takes a millisecond, and on a busy machine not much longer. */
const EXIT_MS = 500;
const DISCONNECT_MS = 500;

export class LoopWatch {
  static #current: LoopWatch | undefined;

  readonly lag = new LagWindows(loopNow());
  readonly threadpool: ThreadpoolLag | undefined = threadId === 0 ? new ThreadpoolLag() : undefined;
  /** The monotonic clock at which `performance.now()` of this thread was 0. */
  readonly #origin = monotonicMs() - loopNow();
  readonly #watchers = new Set<Watcher>();
  readonly #words = new WatchWords();
  readonly #hook = new TurnHook((now, busyMs) => this.#turned(now, busyMs));
  readonly #heartbeat = new Heartbeat(this.#words);
  readonly #gc = new GcTimes();
  readonly #ended = new EndedTurns(this.#gc, (found, contexts) => this.#deliver(found, contexts));
  readonly #exit = (): void => this.#exiting();
  #sampler: Sampler | undefined;
  #watchdog: WatchdogThread | undefined;
  #syncCalls: SyncCalls | undefined;
  #thresholdMs = Infinity;

  /** `live`: for a parent that watches; the first monitor decides. */
  static join(watcher: Watcher, live?: LiveReport): LoopWatch {
    LoopWatch.#current ??= new LoopWatch(live);
    LoopWatch.#current.#watchers.add(watcher);
    LoopWatch.#current.#configure();
    return LoopWatch.#current;
  }

  private constructor(live: LiveReport | undefined) {
    this.#words.idleHeartbeatMs = NaN;
    this.#words.thresholdMs = this.#words.sampleMs = 100;
    this.#gc.start();
    this.#hook.start();
    process.on("exit", this.#exit);
    try {
      this.#watchdog = inRootContext(() => this.#startWatchdog(live));
    } catch (error) {
      sayReduced("has no watchdog, so no stacks, no causes and nothing while a stall lasts", String(error));
    }
  }

  /** Resolves when nothing of it is left, and what had ended is told. */
  async leave(watcher: Watcher): Promise<void> {
    await nextTurn();
    while (this.#ended.size > 0) await nextTurn();
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) {
      this.#configure();
      return;
    }
    if (LoopWatch.#current === this) LoopWatch.#current = undefined;
    await this.#stop();
  }

  /** The watchdog watches, or there is none. */
  async ready(): Promise<void> {
    await this.#watchdog?.ready();
  }

  /** How long the turn is busy that has not ended. */
  busyMs(): number {
    return this.#hook.busyMs();
  }

  #startWatchdog(live: LiveReport | undefined): WatchdogThread {
    const configuration = {
      lag: this.lag.buffer,
      threadpoolLag: this.threadpool?.buffer,
      origin: this.#origin,
      timeOrigin: performance.timeOrigin,
      bornAt: loopNow(),
      live,
    };
    return new WatchdogThread(configuration, {
      words: this.#words,
      events: {
        received: (message) => this.#received(message),
        gone: () => {
          this.#watchdog = undefined;
          this.#ended.tellRest();
        },
      },
    });
  }

  /** The strictest of the monitors decides; each hears only of what reaches its own threshold. */
  #configure(): void {
    const watchers = [...this.#watchers];
    this.#thresholdMs = Math.min(...watchers.map(({ thresholdMs }) => thresholdMs));
    this.#words.thresholdMs = this.#thresholdMs;
    this.#words.sampleMs = Math.min(...watchers.map(({ sampleMs }) => sampleMs));
    this.#words.idleHeartbeatMs = Math.min(...watchers.map(({ idleHeartbeatMs }) => idleHeartbeatMs ?? NaN));
    const unresponsive = watchers
      .flatMap((one) => one.unresponsive ?? [])
      .toSorted((a, b) => a.afterMs - b.afterMs)[0];
    this.#wrapSyncCalls(watchers.some(({ syncCalls }) => syncCalls));
    const syncCalls = this.#syncCalls?.names ?? [];
    this.#watchdog?.send({ type: "configure", sampler: this.#samplerFor(watchers), unresponsive, syncCalls });
  }

  #wrapSyncCalls(isWanted: boolean): void {
    if (isWanted) this.#syncCalls ??= new SyncCalls(this.#words);
    else {
      this.#syncCalls?.remove();
      this.#syncCalls = undefined;
    }
  }

  #samplerFor(watchers: readonly Watcher[]): string | undefined {
    if (!watchers.some(({ stacks }) => stacks === "auto") || this.#watchdog === undefined) return undefined;
    const refusal = inspectorRefusal();
    if (refusal !== undefined) {
      sayReduced("shows no stacks", refusal);
      return undefined;
    }
    this.#sampler ??= new Sampler({
      turn: () => this.#words.turn,
      busyMs: () => this.#hook.busyMs(),
      sampled: (turn) => this.#watchers.forEach((watcher) => watcher.sampled(turn)),
      blocked: (turn, record) => {
        if (turn !== this.#words.turn) return;
        for (const watcher of this.#watchers) watcher.lasting(turn, JSON.parse(record) as Stall);
      },
    });
    return this.#sampler.expression;
  }

  #turned(now: number, busyMs: number): void {
    this.lag.record(now, busyMs);
    if (busyMs >= this.#thresholdMs) this.#end(now - busyMs, busyMs);
    this.#words.endTurn();
  }

  #end(startedAt: number, durationMs: number): void {
    const { turn } = this.#words;
    this.#ended.add(turn, {
      startedAt,
      durationMs,
      cpuMs: this.#heartbeat.cpuMs(),
      hasDebugger: isDebugged(),
      contexts: new Map([...this.#watchers].map((watcher) => [watcher, watcher.contexts(turn)])),
    });
    if (this.#watchdog === undefined) setImmediate(() => this.#ended.tell(turn));
    else this.#watchdog.send({ type: "ended", turn, startedAt: startedAt + this.#origin, durationMs });
  }

  #received(message: Parameters<WatchdogEvents["received"]>[0]): void {
    switch (message.type) {
      case "observed":
        return this.#ended.tell(message.turn, message.observation);
      case "heartbeat":
        return this.#heartbeat.follow();
      case "no-stacks":
        return sayReduced("shows no stacks", message.reason);
      case "suspended": {
        const { startedAt, durationMs } = message;
        return this.#deliver({
          kind: "loop",
          cause: "suspended",
          startedAt: startedAt - this.#origin,
          durationMs,
        });
      }
      case "threadpool": {
        const startedAt = message.endedAt - message.lagMs - this.#origin;
        const cause = "threadpool-saturated";
        return this.#deliver({ kind: "threadpool", cause, startedAt, durationMs: message.lagMs });
      }
    }
  }

  /** `startedAt` on this thread's clock. Each monitor gets an object of its own. */
  #deliver(found: FoundStall, contexts?: ContextsOf): void {
    const startedAt = performance.timeOrigin + found.startedAt;
    for (const watcher of this.#watchers) {
      if (found.durationMs < watcher.thresholdMs) continue;
      const nothing = { gcMs: 0, samples: 0, stack: [], hot: [] };
      const stall = { ...nothing, ...structuredClone(found), threadId, startedAt };
      watcher.stalled({ ...stall, contexts: contexts?.get(watcher) ?? [] });
    }
  }

  #exiting(): void {
    this.#hook.end();
    this.#hook.stop();
    const until = loopNow() + EXIT_MS;
    while (this.#watchdog !== undefined && this.#ended.size > 0 && loopNow() < until) {
      const { replies } = this.#words;
      this.#watchdog.drain();
      if (this.#ended.size > 0) this.#words.waitForReply(replies, until - loopNow());
    }
    this.#ended.tellRest();
    // Node waits for sessions that are open, and says so on stderr.
    this.#words.exit();
    this.#watchdog?.send({ type: "wake" });
    if (this.#words.isConnected) this.#words.waitForDisconnect(DISCONNECT_MS);
  }

  async #stop(): Promise<void> {
    process.off("exit", this.#exit);
    this.#hook.stop();
    this.#heartbeat.stop();
    this.#gc.stop();
    this.#wrapSyncCalls(false);
    this.#sampler?.remove();
    const watchdog = this.#watchdog;
    this.#watchdog = undefined;
    await watchdog?.stop();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
