/**
 * The channel of an actor's worker to main: the thread's port or the process's pipe.
 */
import {
  isMainThread,
  MessageChannel,
  parentPort,
  receiveMessageOnPort,
  workerData,
} from "node:worker_threads";
import { becomeWorker } from "../src/core/realm.ts";
import { type ActorEnvelope, isOfActor, openForActor, sealForActor } from "../src/wire/actor-ipc.ts";
import type { FromActor, ToActor } from "../src/wire/actor-messages.ts";
import { type CallCounts, FileCallCounts, SharedCallCounts } from "../src/wire/call-counts.ts";
import { type ActorThreadBoot, type WorkerBoot, WORDS_FD } from "../src/wire/worker-boot.ts";
import { BehindOutput } from "./behind-output.ts";
import { endWithParent, enterChild } from "./child.ts";
import { ChildOutbox } from "./child-outbox.ts";
import { drained, watchThreadOutput } from "./output.ts";
import { redirectOutput } from "./redirect-output.ts";

export interface ActorChannel {
  readonly boot: WorkerBoot;
  readonly counts: CallCounts;
  /** Behind what was printed. @throws what cannot be copied */
  post(message: FromActor, transfer?: readonly object[]): void;
  /** When all that was posted has left, if it has not: this thread may be blocked from now on. */
  left(): Promise<void> | undefined;
  /** When all that was printed has left, too. */
  flushed(): Promise<void>;
}

export function openChannel(receive: (message: ToActor) => void): ActorChannel {
  return isMainThread ? processChannel(receive) : threadChannel(receive);
}

type Posted = readonly [message: FromActor, transfer: readonly object[]];

function threadChannel(receive: (message: ToActor) => void): ActorChannel {
  const { boot } = workerData as { boot: ActorThreadBoot };
  becomeWorker({ id: boot.id, kind: "thread" });
  redirectOutput(boot.stdio);
  watchThreadOutput();
  const port = parentPort!;
  port.on("message", receive);
  port.on("messageerror", (error) => {
    throw error;
  });
  const outbox = new BehindOutput<Posted>(([message, transfer]) => {
    port.postMessage(message, transfer as never);
  });
  return {
    boot,
    counts: new SharedCallCounts(boot.counts),
    post: (message, transfer = []) => outbox.send([message, transfer], copied),
    left: () => outbox.left(),
    async flushed() {
      await drained();
      await outbox.left();
    },
  };
}

/** What has to wait is copied, or moved, at once: it could change, and what cannot be copied throws here. */
function copied(posted: Posted): Posted {
  const { port1, port2 } = new MessageChannel();
  try {
    port1.postMessage(posted, posted[1] as never);
    return (receiveMessageOnPort(port2) as { message: Posted }).message;
  } finally {
    port1.close();
  }
}

function processChannel(receive: (message: ToActor) => void): ActorChannel {
  const boot = enterChild();
  const outbox = new ChildOutbox<ActorEnvelope>();
  process.on("message", (received) => {
    if (isOfActor(received, boot.key)) receive(openForActor<ToActor>(received));
  });
  endWithParent(boot, (error) => outbox.post(sealForActor({ type: "crashed", error }, boot.key)));
  return {
    boot,
    counts: new FileCallCounts(WORDS_FD),
    post: (message) => outbox.send(sealForActor(message, boot.key)),
    left: () => outbox.left(),
    async flushed() {
      await drained();
      await outbox.left();
    },
  };
}
