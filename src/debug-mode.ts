/**
 * Debug mode: what is too dear, or too noisy, for production.
 */
import { debugMode, leftovers } from "./core/debug.ts";
import { ownWorker } from "./core/realm.ts";
import { warnNow } from "./core/warn.ts";
import { formatStall } from "./loop/format-stall.ts";
import { watchLoop } from "./loop/loop-monitor.ts";

/**
 * Turns debug mode on or off. `OFFLOOP_DEBUG=1` in the environment turns it on as the library is imported.
 *
 * - The loop monitor runs, and writes each turn of the loop of 100 ms or more to stderr.
 * - The errors of tasks say where the task was submitted, at the end of their `stack`. A reason that the caller gave, as of an
 *   abort, stays as it is.
 * - Warnings of type `OffloopWarning`: a task whose result nobody awaited (`OFFLOOP_WARN_UNAWAITED`, when it is collected, or at exit), a
 *   task that is pending at exit (`OFFLOOP_WARN_PENDING_AT_EXIT`), an executor or an actor that was never ended (`OFFLOOP_WARN_UNCLOSED`;
 *   the default executors need not be), an argument that loses its class on the way (`OFFLOOP_WARN_CLASS_LOST`).
 *
 * It is about tasks and executors that are made while it is on. Each costs a stack trace, some 10 µs. In a worker it does nothing:
 * calls run in place there.
 *
 * @throws TypeError for something else than true or false.
 * @example
 * ```js
 * import { defaultExecutor, setDebug } from "offloop";
 *
 * setDebug(true);
 * function submitWrong() {
 *   return defaultExecutor().submit(JSON.parse, ["{"]);
 * }
 * const error = await submitWrong().catch((reason) => reason);
 * console.log(/was submitted:\n.*submitWrong/.test(error.stack)); // => true
 * setDebug(false);
 * ```
 */
export function setDebug(on: boolean): void {
  if (typeof on !== "boolean") throw new TypeError(`setDebug takes true or false, got ${typeof on}`);
  if (ownWorker() !== undefined) return;
  debugMode.isOn = on;
  if (on) debugMode.stop ??= begin();
  else {
    debugMode.stop?.();
    debugMode.stop = undefined;
    debugMode.submissions.clear();
    debugMode.unclosed.clear();
  }
}

function begin(): () => void {
  const monitor = watchLoop({ thresholdMs: 100 });
  // `offloop watch` and `offloop/register` tell stalls already.
  if (!debugMode.isWatched) {
    const print = (text: string): void => void process.stderr.write(`offloop: ${text}\n`);
    monitor.on("stall", (stall) => print(formatStall(stall)));
    monitor.on("blocked", (stall) => print(formatStall(stall, { isLasting: true })));
  }
  const tell = (): void => {
    for (const [code, text] of leftovers()) warnNow(code, text);
  };
  process.on("exit", tell);
  return () => {
    process.off("exit", tell);
    monitor.removeAllListeners();
    void monitor.stop();
  };
}

if (debugMode.isOn) setDebug(true);
