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
  /** Time is up. It may turn out that the task was in time: `started` begins anew. */
  waitedTooLong(task: Task<unknown>, timeoutMs: number): void;
  ranTooLong(task: Task<unknown>, timeoutMs: number): void;
}

/** Undefined when there is nothing to watch. Starts as waiting. */
export function watch(
  task: Task<unknown>,
  limits: Limits,
  deadlines: Deadlines,
  events: WatchEvents,
): TaskWatch | undefined {
  const { signal, queueTimeoutMs, timeoutMs } = limits;
  if (signal === undefined && queueTimeoutMs === undefined && timeoutMs === undefined) return undefined;
  return new Watch(task, limits, deadlines, events);
}

class Watch implements TaskWatch {
  readonly #task: Task<unknown>;
  readonly #limits: Limits;
  readonly #deadlines: Deadlines;
  readonly #events: WatchEvents;
  readonly #unlisten: (() => void) | undefined;
  #deadline: Deadline | undefined;
  #again = false;

  constructor(task: Task<unknown>, limits: Limits, deadlines: Deadlines, events: WatchEvents) {
    this.#task = task;
    this.#limits = limits;
    this.#deadlines = deadlines;
    this.#events = events;
    const { signal } = limits;
    this.#unlisten = signal && onAbort(signal, () => events.aborted(task, signal.reason));
    this.waiting();
  }

  waiting(): void {
    this.#arm(this.#limits.queueTimeoutMs, (ms) => this.#events.waitedTooLong(this.#task, ms));
  }

  started(): void {
    this.#arm(this.#limits.timeoutMs, (ms) => this.#events.ranTooLong(this.#task, ms));
  }

  startedAgain(): boolean {
    if (this.#again) return false;
    this.#again = true;
    this.started();
    return true;
  }

  stop(): void {
    this.#deadline?.stop();
    this.#unlisten?.();
  }

  #arm(ms: number | undefined, expire: (ms: number) => void): void {
    this.#deadline?.stop();
    const endless = ms === undefined || ms === Infinity;
    this.#deadline = endless ? undefined : this.#deadlines.after(ms, () => expire(ms));
  }
}
