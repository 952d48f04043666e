/**
 * Lets the parent ask where the running task is, also while it hangs.
 */
import { Worker } from "node:worker_threads";
import { offerTaskStack } from "../src/inspect/task-stack.ts";

/** For an answer that is under way: it takes a millisecond, and on a busy machine not much longer. */
const DISCONNECT_MS = 500;

export function offerStack(): void {
  offerTaskStack();
  const session = new Int32Array(new SharedArrayBuffer(4));
  // Waiting lets interrupts in, so that the session ends meanwhile.
  process.once("exit", () => void Atomics.wait(session, 0, 1, DISCONNECT_MS));
  const reader = new Worker(new URL("stack-reader.cjs", import.meta.url), {
    workerData: { session },
    execArgv: [],
    env: {},
  });
  // Without it stacks are not known. That is no reason to end the process.
  reader.on("error", () => {});
  reader.unref();
}
