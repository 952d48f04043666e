/**
 * Sees that the watched thread's loop does not turn, while it does not. It runs in a thread of its own.
 *
 * | mode | when | how it notices |
 * | --- | --- | --- |
 * | quiet | Linux, with stacks, the watched thread has little to do | reads every 50 ms how much CPU it takes and where it sleeps, which does not wake it |
 * | alert | it has work; elsewhere always | it wakes itself (the heartbeat), so a turn that does not end is a stall |
 *
 * A stall is sampled from when it is noticed, and told when the watched thread says that it is over: how long it took, only that
 * thread knows to the tenth of a millisecond. What lasts is told from here, because the watched thread cannot.
 */
import { LagWindows } from "../lag-windows.ts";
import {
  type FromWatchdog,
  monotonicMs,
  type Observation,
  type ToWatchdog,
  type WatchdogBoot,
} from "../messages.ts";
import { ThreadpoolLag } from "../threadpool-lag.ts";
import { WatchWords } from "../watch-words.ts";
import { type CpuUse, cpuUseOf } from "./cpu-use.ts";
import { Inbox } from "./inbox.ts";
import { LongStall } from "./long-stall.ts";
import { SourceMaps } from "../../inspect/source-maps.ts";
import { StallWatch } from "./stall-watch.ts";
import { Suspensions } from "./suspensions.ts";
import { ThreadpoolProbe } from "./threadpool-probe.ts";
import { type Whereabouts, whereaboutsOf } from "./whereabouts.ts";

/**
 * A wake-up of this thread costs 50 µs on a virtual machine, and a look that finds nothing 130 more: 0.4 % of a core in all. A lower
 * threshold needs a quicker look.
 */
const QUIET_POLL_MS = 50;
/** A stall of the least length that is told by default is seen five times and more. */
const BLOCKED_POLL_MS = 10;
/** Alert for that long after the last work. Arbitrary: long enough for the next request of a service in use. */
const ALERT_MS = 2_000;
/** For the answer of a sample that a native call let in as it returned. */
const SETTLE_MS = 10;
/** A heartbeat may be late by that much, by the timers' own accuracy. */
const HEARTBEAT_SLACK_MS = 3;
/** Any descriptor will do. */
const STDERR = 2;

export class Watchdog {
  readonly #boot: WatchdogBoot;
  readonly #words: WatchWords;
  readonly #inbox: Inbox;
  readonly #cpu: CpuUse;
  readonly #whereabouts: Whereabouts;
  readonly #maps = new SourceMaps();
  readonly #suspensions: Suspensions;
  readonly #probe: ThreadpoolProbe | undefined;
  readonly #long: LongStall;
  #sampler: string | undefined;
  /** The turn that does not end, and since when. */
  #blocked: { readonly turn: number; readonly since: number } | undefined;
  #stall: StallWatch | undefined;
  #turn = -1;
  #turnSeenAt = 0;
  /** The last turn that was told to have been a stall. */
  #endedTurn = -1;
  #lookedAt = 0;
  #workedAt = -Infinity;

  constructor(boot: WatchdogBoot) {
    this.#boot = boot;
    this.#words = new WatchWords(boot.words);
    this.#inbox = new Inbox(boot.port, this.#words);
    this.#cpu = cpuUseOf(boot.tid);
    this.#whereabouts = whereaboutsOf(boot.tid);
    this.#suspensions = new Suspensions((startedAt, durationMs) =>
      this.#send({ type: "suspended", startedAt, durationMs }),
    );
    if (boot.threadpoolLag !== undefined) {
      this.#probe = new ThreadpoolProbe(STDERR, new ThreadpoolLag(boot.threadpoolLag), {
        missedSince: (from, now) => this.#suspensions.missedSince(from, now),
        saturated: (lagMs) => {
          if (lagMs < this.#words.thresholdMs) return;
          this.#send({ type: "threadpool", endedAt: monotonicMs(), lagMs });
        },
      });
    }
    this.#long = new LongStall(boot, this.#words, new LagWindows(boot.bornAt, boot.lag));
  }

  async run(): Promise<never> {
    this.#send({ type: "started" });
    for (;;) {
      const now = monotonicMs();
      this.#suspensions.slept(now, this.#words.thresholdMs);
      if (this.#inbox.hasNews) await this.#receive();
      // The end of a stall is told before the turn is counted, so what has not come by now was none.
      if (this.#blocked !== undefined && this.#blocked.turn !== this.#words.turn) {
        await this.#receive();
        this.#close();
      }
      this.#look(now);
      this.#probe?.tick(this.#cpu.hasRun);
      const wait = this.#waitMs();
      this.#suspensions.sleeps(monotonicMs() + wait);
      const needsLoop = this.#blocked !== undefined || this.#probe?.isPending === true;
      if (this.#words.heartbeatMs === 0 && !needsLoop) this.#inbox.sleepWithoutLoop(wait);
      else await this.#inbox.sleep(wait);
    }
  }

  /** The shortest that somebody wants to know of. */
  #leastMs(): number {
    return Math.min(this.#words.thresholdMs, this.#long.firstActionMs);
  }

  #waitMs(): number {
    const { heartbeatMs } = this.#words;
    if (this.#blocked !== undefined) return Math.min(this.#leastMs() / 2, BLOCKED_POLL_MS);
    if (heartbeatMs === 0) return Math.min(QUIET_POLL_MS, this.#leastMs() / 2);
    return Math.max(5, heartbeatMs / 2);
  }

  async #receive(): Promise<void> {
    for (let message = this.#inbox.next(); message !== undefined; message = this.#inbox.next()) {
      if (message.type === "ended") await this.#ended(message);
      if (message.type === "configure") {
        this.#sampler = message.sampler;
        this.#long.configure(message);
      }
    }
    if (this.#words.isExiting) this.#close();
  }

  #look(now: number): void {
    const { turn } = this.#words;
    const turned = turn !== this.#turn;
    this.#cpu.look(monotonicMs(), this.#blocked !== undefined);
    if (this.#cpu.hasRun) this.#whereabouts.moved();
    this.#decideOnHeartbeat(now);
    if (turned) {
      this.#turn = turn;
      this.#turnSeenAt = now;
    }
    if (this.#blocked === undefined && !turned && this.#looksBlocked(now)) this.#begin(turn);
    if (this.#blocked?.turn === turn) this.#lasts(this.#blocked.since, now);
    else this.#long.turned(now, turned);
    this.#lookedAt = now;
  }

  #lasts(since: number, now: number): void {
    const elapsedMs = this.#stall?.busyMs(now) ?? now - since;
    const observe = (): Observation => this.#observe(this.#stall, now - elapsedMs, elapsedMs);
    this.#long.lasts(elapsedMs, observe, (record) => this.#stall?.tell("blocked", record));
  }

  #looksBlocked(now: number): boolean {
    // It has told its end, and is about to count it.
    if (this.#turn === this.#endedTurn || this.#words.isExiting) return false;
    const heartbeatMs = this.#words.runningHeartbeatMs;
    if (heartbeatMs > 0) return now - this.#turnSeenAt > heartbeatMs + HEARTBEAT_SLACK_MS;
    // Where the loop itself waits, only a sample teaches.
    return this.#cpu.isBusy || (this.#sampler !== undefined && this.#whereabouts.isAsleepElsewhere());
  }

  /** Alert while there is work. The watched thread begins it when its loop turns. */
  #decideOnHeartbeat(now: number): void {
    const alertMs = Math.max(5, this.#leastMs() / 2);
    const { idleHeartbeatMs } = this.#words;
    const canBeQuiet = this.#cpu.isKnown && this.#sampler !== undefined;
    const idleMs = Number.isNaN(idleHeartbeatMs) ? (canBeQuiet ? 0 : alertMs) : idleHeartbeatMs;
    // Not when it only waited for a CPU: on a busy machine each beat does, and would keep itself going.
    if (this.#cpu.hasWork) this.#workedAt = now;
    const wantedMs = now - this.#workedAt < ALERT_MS ? alertMs : idleMs;
    if (wantedMs === this.#words.heartbeatMs) return;
    this.#words.heartbeatMs = wantedMs;
    // One that beats sees the change by itself.
    if (this.#words.runningHeartbeatMs === 0) this.#send({ type: "heartbeat" });
  }

  #begin(turn: number): void {
    // With a heartbeat the turn began when it was seen; without one, the loop may have been waiting until the last look.
    this.#blocked = { turn, since: this.#words.runningHeartbeatMs > 0 ? this.#turnSeenAt : this.#lookedAt };
    if (this.#sampler === undefined) return;
    try {
      this.#words.isConnected = true;
      this.#stall = new StallWatch({
        turn,
        threadId: this.#boot.threadId,
        sampler: this.#sampler,
        sampleMs: this.#words.sampleMs,
        idleBelowMs: this.#words.thresholdMs / 2,
        maps: this.#maps,
        offloopRoot: this.#boot.offloopRoot,
        now: monotonicMs,
        origin: this.#boot.origin,
        cpuWaitMs: () => this.#cpu.waitMs(),
        foundIdle: () => this.#whereabouts.wasIdle(),
      });
    } catch (error) {
      this.#words.isConnected = false;
      this.#sampler = undefined;
      this.#send({ type: "no-stacks", reason: String(error) });
    }
  }

  async #ended({ turn, startedAt, durationMs }: ToWatchdog & { type: "ended" }): Promise<void> {
    const stall = this.#stall?.turn === turn ? this.#stall : undefined;
    this.#endedTurn = turn;
    await stall?.settled(SETTLE_MS);
    const watchdogLateMs = this.#suspensions.within(startedAt, startedAt + durationMs);
    const observation = { ...this.#observe(stall, startedAt, durationMs), watchdogLateMs };
    this.#send({ type: "observed", turn, observation });
    this.#words.replied();
    if (stall !== undefined) this.#long.sampled(startedAt, durationMs, stall.profile(durationMs));
    if (this.#blocked?.turn === turn) this.#close();
  }

  #observe(stall: StallWatch | undefined, startedAt: number, durationMs: number): Observation {
    const profile = stall?.profile(durationMs);
    return {
      samples: profile?.samples ?? 0,
      culprit: profile?.culprit(),
      stack: profile?.stack() ?? [],
      hot: profile?.hot() ?? [],
      ...this.#cpu.of(startedAt, durationMs),
      watchdogLateMs: 0,
      isSampled: stall?.isSampled === true,
      live: stall?.live(durationMs) ?? [],
      heldMs: stall?.heldMs ?? 0,
    };
  }

  #close(): void {
    this.#blocked = undefined;
    this.#long.ended();
    this.#stall?.close();
    this.#stall = undefined;
    this.#words.isConnected = false;
  }

  #send(message: FromWatchdog): void {
    this.#boot.port.postMessage(message);
  }
}
