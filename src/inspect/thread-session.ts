/**
 * An inspector session to another thread of this process: from a worker thread to the main thread, or through the main thread to
 * one of its workers. Neither needs a port, and neither needs the other thread's loop: what it is asked, it answers between two
 * statements.
 */
import type * as inspectorModule from "node:inspector";
import { isMainThread } from "node:worker_threads";

type Answer = (error: unknown, result: unknown) => void;

export interface ThreadSession {
  post(method: string, parameters: object, answer: Answer): void;
  disconnect(): void;
}

/** `threadId` 0 is the main thread. @throws when the inspector is denied or missing. */
export function connectToThread(threadId: number): ThreadSession {
  const inspector = process.getBuiltinModule("node:inspector");
  const session = new inspector.Session();
  if (isMainThread) session.connect();
  else session.connectToMainThread();
  if (threadId === 0) {
    return {
      post: (method, parameters, answer) => session.post(method, parameters, answer),
      disconnect: () => session.disconnect(),
    };
  }
  return throughMain(session, threadId);
}

interface Events {
  on(event: string, listener: (message: { params: never }) => void): void;
}

/** The NodeWorker domain carries messages to a worker as text. It attaches to every worker, so the others are let go. */
function throughMain(session: inspectorModule.Session, threadId: number): ThreadSession {
  const waiting: (() => void)[] = [];
  const answers = new Map<number, Answer>();
  let sessionId: string | undefined;
  let ids = 0;
  const events = session as unknown as Events;
  events.on("NodeWorker.attachedToWorker", ({ params }: { params: Attached }) => {
    if (Number(/\[worker (\d+)\]/.exec(params.workerInfo.title)?.[1]) !== threadId) {
      session.post("NodeWorker.detach", { sessionId: params.sessionId });
      return;
    }
    sessionId = params.sessionId;
    for (const send of waiting.splice(0)) send();
  });
  events.on("NodeWorker.receivedMessageFromWorker", ({ params }: { params: { message: string } }) => {
    const message = JSON.parse(params.message) as { id: number; error?: unknown; result: unknown };
    answers.get(message.id)?.(message.error ?? null, message.result);
    answers.delete(message.id);
  });
  session.post("NodeWorker.enable", { waitForDebuggerOnStart: false });
  return {
    post(method, parameters, answer) {
      const send = (): void => {
        answers.set(++ids, answer);
        const message = JSON.stringify({ id: ids, method, params: parameters });
        session.post("NodeWorker.sendMessageToWorker", { sessionId: sessionId!, message });
      };
      if (sessionId === undefined) waiting.push(send);
      else send();
    },
    disconnect: () => session.disconnect(),
  };
}

interface Attached {
  readonly sessionId: string;
  readonly workerInfo: { readonly title: string };
}
