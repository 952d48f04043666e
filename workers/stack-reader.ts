/**
 * Tells the parent where this process's task is while it hangs: a thread beside the main thread, asleep until it is asked.
 */
import { Socket } from "node:net";
import { workerData } from "node:worker_threads";
import { readTaskStack } from "../src/inspect/read-task-stack.ts";
import { readLines, type StackRequest, writeLine } from "../src/wire/stack-lines.ts";
import { STACK_FD } from "../src/wire/worker-boot.ts";

const MAIN_THREAD = 0;

/** 1 while an inspector session is open: the main thread must not end meanwhile, or Node waits for it and says so on stderr. */
const { session } = workerData as { session: Int32Array };
let open = 0;

const pipe = new Socket({ fd: STACK_FD, readable: true, writable: true });
readLines<StackRequest>(pipe, (request) => void answer(request));

async function answer({ id, taskId, withinMs }: StackRequest): Promise<void> {
  if (++open === 1) Atomics.store(session, 0, 1);
  const frames = await readTaskStack(MAIN_THREAD, taskId, withinMs);
  if (--open === 0) {
    Atomics.store(session, 0, 0);
    Atomics.notify(session, 0);
  }
  writeLine(pipe, { id, frames });
}
