/**
 * Lets the parent ask where the running task is, also while it hangs.
 */
import { Worker } from "node:worker_threads";
import { offerTaskStack } from "../src/inspect/task-stack.ts";
import { STACK_SESSION_BYTES, StackSession } from "../src/wire/stack-session.ts";

/** For an answer that is under way: it takes a millisecond, and on a busy machine not much longer. */
const DISCONNECT_MS = 500;

export function offerStack(): void {
  offerTaskStack();
  const shared = new SharedArrayBuffer(STACK_SESSION_BYTES);
  const session = new StackSession(shared);
  process.once("exit", () => session.close(DISCONNECT_MS));
  const reader = new Worker(new URL("stack-reader.cjs", import.meta.url), {
    workerData: { session: shared },
    execArgv: [],
    env: {},
  });
  // Without it stacks are not known. That is no reason to end the process.
  reader.on("error", () => {});
  reader.unref();
}
