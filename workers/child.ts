/**
 * The life of a child process, whatever it does. It never outlives its parent: the channel's end ends one whose event loop turns, a
 * watcher thread any other.
 */
import { Worker } from "node:worker_threads";
import { becomeWorker } from "../src/core/realm.ts";
import { encodeError, type WireError } from "../src/wire/error-codec.ts";
import type { ProcessBoot } from "../src/wire/worker-boot.ts";
import { drained, watchOutput } from "./output.ts";
import { reportFatalErrors } from "./report-fatal-errors.ts";

export function enterChild(): ProcessBoot {
  // What follows it are the program's own arguments, for modules that read them.
  const [text] = process.argv.splice(2, 1);
  const boot = JSON.parse(text!) as ProcessBoot;
  becomeWorker({ id: boot.id, kind: "process" });
  watchOutput();
  reportFatalErrors();
  return boot;
}

/** `crashed` tells main why this process dies. */
export function endWithParent({ parent }: ProcessBoot, crashed: (error: WireError) => void): void {
  // An orderly end: output is flushed and the user's exit handlers run.
  process.once("disconnect", () => void Promise.resolve(drained()).then(() => process.exit()));
  process.on("uncaughtExceptionMonitor", (error) => {
    // Of one that the user's code handles the process does not end: it is not why it ends later.
    const isHandled = process.listenerCount("uncaughtException") > 0;
    if (!isHandled && !process.hasUncaughtExceptionCaptureCallback()) crashed(encodeError(error));
  });
  // Ctrl-C reaches the whole process group. What becomes of running work is the parent's to decide; if it ends, so do we.
  process.on("SIGINT", () => {});
  // A thread, because a loop that never ends would never see the channel close. Small limits: it only waits.
  new Worker(new URL("orphan-watcher.cjs", import.meta.url), {
    workerData: { parent },
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
  }).unref();
}
