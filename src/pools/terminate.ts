/**
 * The end of a thread that runs JavaScript. Node tells V8 once to terminate it; where that finds the thread inside of an
 * inspector's evaluation (a debugger, or our own look at where a task hangs), only the evaluation ends and the task goes on, on
 * all of Node 20 to 26. So it is told again until it has gone.
 */
import type { Worker } from "node:worker_threads";
import { systemClock } from "../core/clock.ts";

/** An evaluation is over within milliseconds. */
const FIRST_MS = 25;
const FACTOR = 4;
/** Node adds a listener each time and warns of 11. What has not gone after seconds hangs in a native call, and was told. */
const MOST_TIMES = 5;

export function terminateUntilGone(worker: Worker): void {
  let stop = (): void => {};
  const again = (times: number, afterMs: number): void => {
    stop = systemClock.after(afterMs, () => {
      void worker.terminate();
      if (times < MOST_TIMES) again(times + 1, afterMs * FACTOR);
    });
  };
  worker.once("exit", () => stop());
  again(1, FIRST_MS);
}
