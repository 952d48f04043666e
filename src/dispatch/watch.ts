/**
 * Watches over one task: its signal, how long it waits, how long it runs. Only tasks with one of these have a watch.
 */
import type { Deadline, Deadlines } from "../core/deadlines.ts";
import { onAbort } from "../core/on-abort.ts";
import type { Task, TaskWatch } from "../core/task.ts";

export interface Limits {
  readonly signal: AbortSignal | undefined;
  readonly queueTimeoutMs: number | undefined;
  readonly timeoutMs: number | undefined;
}

export interface WatchEvents {
  aborted(task: Task<unknown>, reason: unknown): void;
  waitedTooLong(task: Task<unknown>, timeoutMs: number): void;
  /** True: that is not its fault, and it gets more time. Not when this is the last it can have. */
  ranTooLong(task: Task<unknown>, timeoutMs: number, isLast: boolean): boolean;
  /** Since when a task that was handed over has been running. */
  runsSince(task: Task<unknown>): number | undefined;
}

/**
 * How long a worker may leave a call lying that it could begin, or an answer be on its way. Either takes microseconds, but a
 * machine that is busy enough leaves a niced worker without a CPU for hundreds of milliseconds.
 */
const PATIENCE_MS = 2_000;

/** Undefined when there is nothing to watch. Starts as waiting. */
export function watch(
  task: Task<unknown>,
  defaults: { readonly queueTimeoutMs?: number; readonly timeoutMs?: number },
  deadlines: Deadlines,
  events: WatchEvents,
): TaskWatch | undefined {
  const { signal, queueTimeoutMs = defaults.queueTimeoutMs, timeoutMs = defaults.timeoutMs } = task.options;
  if (signal === undefined && queueTimeoutMs === undefined && timeoutMs === undefined) return undefined;
  return new Watch(task, { signal, queueTimeoutMs, timeoutMs }, deadlines, events);
}

class Watch implements TaskWatch {
  readonly #task: Task<unknown>;
  readonly #timeoutMs: number;
  readonly #queueTimeoutMs: number;
  readonly #deadlines: Deadlines;
  readonly #events: WatchEvents;
  readonly #unlisten: (() => void) | undefined;
  #waitsUntil = Infinity;
  #deadline: Deadline | undefined;

  constructor(task: Task<unknown>, limits: Limits, deadlines: Deadlines, events: WatchEvents) {
    const { signal, timeoutMs = Infinity, queueTimeoutMs = Infinity } = limits;
    this.#task = task;
    this.#timeoutMs = timeoutMs;
    this.#queueTimeoutMs = queueTimeoutMs;
    this.#deadlines = deadlines;
    this.#events = events;
    this.#unlisten = signal && onAbort(signal, () => events.aborted(task, signal.reason));
    this.waiting();
  }

  waiting(): void {
    this.#waitsUntil = this.#deadlines.now() + this.#queueTimeoutMs;
    this.takenBack();
  }

  pausing(): void {
    this.#arm(Infinity, () => {});
  }

  takenBack(): void {
    this.#arm(this.#waitsUntil, () => this.#waitedTooLong());
  }

  sent(isNext: boolean): void {
    if (isNext) this.#runsFrom(this.#deadlines.now());
    else this.#waitsBehind();
  }

  stop(): void {
    this.#deadline?.stop();
    this.#unlisten?.();
  }

  /** Its worker does not tell when it begins, so it is asked when one of the limits may be reached. */
  #waitsBehind(): void {
    const at = Math.min(this.#waitsUntil, this.#deadlines.now() + this.#timeoutMs);
    this.#arm(at, () => {
      const since = this.#events.runsSince(this.#task);
      if (since !== undefined) this.#runsFrom(since);
      else if (this.#waitsUntil <= this.#deadlines.now()) this.#waitedTooLong();
      else this.#waitsBehind();
    });
  }

  #runsFrom(start: number, givenUpAt = Infinity): void {
    this.#arm(start + this.#timeoutMs, () => this.#ranTooLong(givenUpAt));
  }

  #ranTooLong(givenUpAt: number): void {
    const now = this.#deadlines.now();
    if (!this.#events.ranTooLong(this.#task, this.#timeoutMs, givenUpAt <= now)) return;
    const until = Math.min(givenUpAt, now + Math.max(this.#timeoutMs, PATIENCE_MS));
    this.#arm(Math.min(until, now + this.#timeoutMs), () => {
      const since = this.#events.runsSince(this.#task);
      const isLate = since === undefined || since + this.#timeoutMs <= this.#deadlines.now();
      if (isLate) this.#ranTooLong(until);
      else this.#runsFrom(since, until);
    });
  }

  #waitedTooLong(): void {
    this.#events.waitedTooLong(this.#task, this.#queueTimeoutMs);
  }

  #arm(at: number, expire: () => void): void {
    this.#deadline?.stop();
    this.#deadline = at === Infinity ? undefined : this.#deadlines.after(at - this.#deadlines.now(), expire);
  }
}
