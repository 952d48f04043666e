/**
 * Sees every turn of this thread's loop: an immediate that arms itself again and keeps nothing alive. An idle loop is never
 * woken by it, a turn costs 130–170 ns more. What a turn was busy for is the time since the last one without the time
 * that libuv waited for events.
 *
 * A turn that waits in its middle is one turn: what ran before the wait and after it is added up. The heartbeat keeps such waits
 * short while the loop has work.
 */
import { AsyncResource } from "node:async_hooks";
import { performance } from "node:perf_hooks";

// Taken at load: tests that fake time must not stop the monitor, or make it see stalls.
const { setImmediate } = globalThis;
export const loopNow: () => number = performance.now.bind(performance);
const timing = performance.nodeTiming;

// The hook re-arms itself for ever. Begun inside of a request it would keep that request's async context for ever, too.
const root = new AsyncResource("offloop.loop");

export function inRootContext<T>(run: () => T): T {
  return root.runInAsyncScope(run);
}

export class TurnHook {
  readonly #onTurn: (now: number, busyMs: number) => void;
  #isOn = false;
  #endedAt = 0;
  #idleMs = 0;

  constructor(onTurn: (now: number, busyMs: number) => void) {
    this.#onTurn = onTurn;
  }

  start(): void {
    this.#isOn = true;
    this.#endedAt = loopNow();
    this.#idleMs = timing.idleTime;
    inRootContext(() => this.#arm());
  }

  stop(): void {
    this.#isOn = false;
  }

  /** How long the turn is busy that has not ended. */
  busyMs(): number {
    return Math.max(0, loopNow() - this.#endedAt - (timing.idleTime - this.#idleMs));
  }

  /** Counts what has run so far as a turn. */
  end(): void {
    const now = loopNow();
    const idleMs = timing.idleTime;
    const busyMs = now - this.#endedAt - (idleMs - this.#idleMs);
    this.#endedAt = now;
    this.#idleMs = idleMs;
    this.#onTurn(now, Math.max(0, busyMs));
  }

  #arm(): void {
    setImmediate(this.#turn).unref();
  }

  readonly #turn = (): void => {
    if (!this.#isOn) return;
    this.end();
    this.#arm();
  };
}
