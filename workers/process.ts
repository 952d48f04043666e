/**
 * The other side of a child process. Messages come over Node's IPC channel; the shared words are an inherited file. A child
 * never outlives its parent: the channel's end ends a child whose event loop turns, a watcher thread any other.
 */
import { serialize } from "node:v8";
import { Worker } from "node:worker_threads";
import { becomeWorker } from "../src/core/realm.ts";
import { encodeError } from "../src/wire/error-codec.ts";
import { type Envelope, isOurs, open, seal } from "../src/wire/ipc.ts";
import type { FromWorker, ToWorker } from "../src/wire/messages.ts";
import { type ProcessBoot, WORDS_FD } from "../src/wire/worker-boot.ts";
import { FileWords } from "../src/wire/file-words.ts";
import { MemoryGauge } from "./memory-gauge.ts";
import { offerStack } from "./offer-stack.ts";
import { drained, watchOutput } from "./output.ts";
import { reportFatalErrors } from "./report-fatal-errors.ts";
import { prepare } from "./prepare.ts";
import { isUrgent, Runner } from "./runner.ts";
import { askMain } from "./sync-pipe.ts";

// What follows it are the program's own arguments, for modules that read them.
const [text] = process.argv.splice(2, 1);
const boot = JSON.parse(text!) as ProcessBoot;
becomeWorker({ id: boot.id, kind: "process" });
watchOutput();
reportFatalErrors();
if (boot.stacks) offerStack();

const inbox: ToWorker[] = [];
let pumping = false;
/** Answers that wait for the output before them, in their order. Undefined: this process ends, and nothing waits any more. */
let waiting: Envelope[] | undefined = [];
// Before that of the runner, which then sends what it still has.
process.once("exit", () => {
  waiting?.forEach(write);
  waiting = undefined;
});
/** Messages that are not in the pipe yet. A full one takes more only while the event loop turns; what is in it is not lost with us. */
let unwritten = 0;
let allWritten = (): void => {};

const words = new FileWords(WORDS_FD);
const runner = new Runner(
  {
    post: send,
    sharesMemory: false,
    ask(call) {
      // The event loop stands still, so their output will not be written before.
      waiting?.splice(0).forEach(write);
      return askMain(call);
    },
    // A message through the pipe costs both sides some 20 µs.
    longestMs: 0.2,
    left: written,
    prepare: () => prepare(boot),
    flush: async () => drained(),
    finished: () => process.disconnect(),
  },
  words,
  boot.weighed ? new MemoryGauge(words, "process") : undefined,
);

process.on("message", (sealed) => {
  if (!isOurs(sealed, boot.key)) return;
  const message = open<ToWorker>(sealed, (cause) =>
    send({ type: "refused", error: encodeError(cause), calls: sealed.calls }),
  );
  if (message === undefined) return;
  if (isUrgent(message)) return void runner.handle(message);
  inbox.push(message);
  void pump();
});
// An orderly end: output is flushed and the user's exit handlers run.
process.once("disconnect", () => void Promise.resolve(drained()).then(() => process.exit()));
process.on("uncaughtExceptionMonitor", (error) => {
  // Of one that the user's code handles the process does not end: it is not why it ends later.
  const isHandled = process.listenerCount("uncaughtException") > 0;
  if (!isHandled && !process.hasUncaughtExceptionCaptureCallback()) {
    post({ type: "crashed", error: encodeError(error) });
  }
});

// Ctrl-C reaches the whole process group. What becomes of running tasks is the parent's to decide; if it ends, so do we.
process.on("SIGINT", () => {});

// A thread, because a loop that never ends would never see the channel close. Small limits: it only waits.
new Worker(new URL("orphan-watcher.cjs", import.meta.url), {
  workerData: { parent: boot.parent },
  execArgv: [],
  env: {},
  resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
}).unref();

/** @throws what the serializer throws */
function send(message: FromWorker): void {
  const sealed = seal(message, boot.key);
  if (waiting === undefined) return write(sealed);
  const draining = waiting.length > 0 ? true : drained();
  if (draining === undefined) return write(sealed);
  // What cannot be sent throws here, where its sender can do something about it.
  serialize(sealed.content);
  waiting.push(sealed);
  if (draining !== true) void draining.then(() => waiting?.splice(0).forEach(write));
}

/** At once: this process is about to end. */
function post(message: FromWorker): void {
  write(seal(message, boot.key));
}

function write(sealed: Envelope): void {
  if (process.send === undefined) return;
  // The callback may take the error of a channel that closes meanwhile: the parent is gone, nobody waits for the answer.
  process.send(sealed, undefined, undefined, () => {
    unwritten--;
    if (isAllWritten()) allWritten();
  });
  unwritten++;
}

function isAllWritten(): boolean {
  return unwritten === 0 && (waiting === undefined || waiting.length === 0);
}

function written(): Promise<void> | undefined {
  return isAllWritten() ? undefined : new Promise((resolve) => (allWritten = resolve));
}

async function pump(): Promise<void> {
  if (pumping) return;
  pumping = true;
  for (let message = inbox.shift(); message !== undefined; message = inbox.shift()) {
    await runner.handle(message);
  }
  pumping = false;
}
