/**
 * The other side of a child process. Messages come over Node's IPC channel; the shared words are an inherited file.
 */
import { serialize } from "node:v8";
import { encodeError } from "../src/wire/error-codec.ts";
import { type Envelope, isOurs, open, seal } from "../src/wire/ipc.ts";
import type { FromWorker, ToWorker } from "../src/wire/messages.ts";
import { WORDS_FD } from "../src/wire/worker-boot.ts";
import { FileWords } from "../src/wire/file-words.ts";
import { endWithParent, enterChild } from "./child.ts";
import { ChildOutbox } from "./child-outbox.ts";
import { MemoryGauge } from "./memory-gauge.ts";
import { offerStack } from "./offer-stack.ts";
import { drained } from "./output.ts";
import { prepare } from "./prepare.ts";
import { isUrgent, Runner } from "./runner.ts";
import { askMain } from "./sync-pipe.ts";

const boot = enterChild();
if (boot.stacks) offerStack();

const inbox: ToWorker[] = [];
let pumping = false;
// Before the runner: at the exit that sends what it still has behind what waits here.
const outbox = new ChildOutbox<Envelope>();

const words = new FileWords(WORDS_FD);
const runner = new Runner(
  {
    post: send,
    sharesMemory: false,
    ask(call) {
      outbox.flush();
      return askMain(call);
    },
    // A message through the pipe costs both sides some 20 µs.
    longestMs: 0.2,
    left: () => outbox.left(),
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
endWithParent(boot, (error) => outbox.post(seal({ type: "crashed", error }, boot.key)));

/** @throws what the serializer throws */
function send(message: FromWorker): void {
  outbox.send(seal(message, boot.key), ({ content }) => serialize(content));
}

async function pump(): Promise<void> {
  if (pumping) return;
  pumping = true;
  for (let message = inbox.shift(); message !== undefined; message = inbox.shift()) {
    await runner.handle(message);
  }
  pumping = false;
}
