/**
 * Wakes the watched loop by itself, so that the watchdog can tell a loop that does not turn from one that has nothing to do. The
 * watchdog decides how often; an idle loop is woken only where its CPU time cannot be read from outside.
 */
import { inRootContext } from "./turn-hook.ts";
import type { WatchWords } from "./watch-words.ts";

const { setInterval, clearInterval } = globalThis;
/** CPU time of this thread in µs: Node 22.19 and newer. */
const { threadCpuUsage } = process as { threadCpuUsage?: () => { user: number; system: number } };

export class Heartbeat {
  readonly #words: WatchWords;
  #timer: NodeJS.Timeout | undefined;
  #ms = 0;
  #cpuMs: number | undefined;

  constructor(words: WatchWords) {
    this.#words = words;
  }

  /** Begins, changes or ends as the watchdog wants it. */
  follow(): void {
    const { heartbeatMs } = this.#words;
    if (heartbeatMs !== this.#ms) this.#set(heartbeatMs);
    this.#cpuMs = threadCpuMs();
  }

  stop(): void {
    this.#set(0);
  }

  /** CPU time since the last beat. Undefined when Node cannot tell. */
  cpuMs(): number | undefined {
    const now = threadCpuMs();
    return now === undefined || this.#cpuMs === undefined ? undefined : now - this.#cpuMs;
  }

  #set(ms: number): void {
    clearInterval(this.#timer);
    this.#ms = ms;
    this.#words.runningHeartbeatMs = ms;
    if (ms > 0) inRootContext(() => (this.#timer = setInterval(() => this.follow(), ms).unref()));
  }
}

function threadCpuMs(): number | undefined {
  // Linux tells the watchdog, without a system call of this thread.
  if (process.platform === "linux" && process.permission === undefined) return undefined;
  if (threadCpuUsage === undefined) return undefined;
  const { user, system } = threadCpuUsage.call(process);
  return (user + system) / 1_000;
}
