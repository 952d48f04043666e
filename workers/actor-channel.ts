/**
 * The channel of an actor's worker to main: the thread's port or the process's pipe.
 */
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { becomeWorker } from "../src/core/realm.ts";
import { isOfActor, openForActor, sealForActor } from "../src/wire/actor-ipc.ts";
import type { FromActor, ToActor } from "../src/wire/actor-messages.ts";
import { type CallCounts, FileCallCounts, SharedCallCounts } from "../src/wire/call-counts.ts";
import { encodeError } from "../src/wire/error-codec.ts";
import {
  type ActorThreadBoot,
  type ProcessBoot,
  type WorkerBoot,
  WORDS_FD,
} from "../src/wire/worker-boot.ts";
import { drained, watchOutput } from "./output.ts";
import { reportFatalErrors } from "./report-fatal-errors.ts";

export interface ActorChannel {
  readonly boot: WorkerBoot;
  readonly counts: CallCounts;
  /** @throws what cannot be copied */
  post(message: FromActor, transfer?: readonly object[]): void;
  /** When all that was posted and printed has left. */
  flushed(): Promise<void>;
}

export function openChannel(receive: (message: ToActor) => void): ActorChannel {
  return isMainThread ? processChannel(receive) : threadChannel(receive);
}

function threadChannel(receive: (message: ToActor) => void): ActorChannel {
  const { boot } = workerData as { boot: ActorThreadBoot };
  becomeWorker({ id: boot.id, kind: "thread" });
  const port = parentPort!;
  port.on("message", receive);
  port.on("messageerror", (error) => {
    throw error;
  });
  return {
    boot,
    counts: new SharedCallCounts(boot.counts),
    post: (message, transfer = []) => port.postMessage(message, transfer as never),
    flushed: outputLeft,
  };
}

function processChannel(receive: (message: ToActor) => void): ActorChannel {
  // What follows it are the program's own arguments, for modules that read them.
  const [text] = process.argv.splice(2, 1);
  const boot = JSON.parse(text!) as ProcessBoot;
  becomeWorker({ id: boot.id, kind: "process" });
  watchOutput();
  reportFatalErrors();
  let unwritten = 0;
  let allWritten = (): void => {};
  const post = (message: FromActor): void => {
    const sealed = sealForActor(message, boot.key);
    if (process.send === undefined) return;
    unwritten++;
    // The callback takes the error of a channel that closes meanwhile: the parent is gone, nobody waits for the answer.
    process.send(sealed, undefined, undefined, () => {
      unwritten--;
      if (unwritten === 0) allWritten();
    });
  };
  process.on("message", (received) => {
    if (isOfActor(received, boot.key)) receive(openForActor<ToActor>(received));
  });
  process.once("disconnect", () => void Promise.resolve(drained()).then(() => process.exit()));
  process.on("uncaughtExceptionMonitor", (error) => {
    const isHandled = process.listenerCount("uncaughtException") > 0;
    if (!isHandled && !process.hasUncaughtExceptionCaptureCallback()) {
      post({ type: "crashed", error: encodeError(error) });
    }
  });
  // Ctrl-C reaches the whole process group. What becomes of the actor is the parent's to decide; if it ends, so do we.
  process.on("SIGINT", () => {});
  watchParent(boot.parent);
  return {
    boot,
    counts: new FileCallCounts(WORDS_FD),
    post,
    async flushed() {
      await drained();
      if (unwritten > 0) await new Promise<void>((resolve) => (allWritten = resolve));
    },
  };
}

/** A thread, because a loop that never ends would never see the channel close. Small limits: it only waits. */
function watchParent(parent: number): void {
  new Worker(new URL("orphan-watcher.cjs", import.meta.url), {
    workerData: { parent },
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
  }).unref();
}

async function outputLeft(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => stream.write("", () => resolve()));
  }
}
