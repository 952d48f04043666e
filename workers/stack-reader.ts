/**
 * Tells the parent where this process's task is while it hangs: a thread beside the main thread, asleep until it is asked.
 */
import { Socket } from "node:net";
import { workerData } from "node:worker_threads";
import { readTaskStack } from "../src/inspect/read-task-stack.ts";
import { readLines, type StackRequest, writeLine } from "../src/wire/stack-lines.ts";
import { StackSession } from "../src/wire/stack-session.ts";
import { STACK_FD } from "../src/wire/worker-boot.ts";

const MAIN_THREAD = 0;

const session = new StackSession((workerData as { session: SharedArrayBuffer }).session);
let open = 0;

const pipe = new Socket({ fd: STACK_FD, readable: true, writable: true });
readLines<StackRequest>(pipe, (request) => void answer(request));

async function answer({ id, taskId, withinMs }: StackRequest): Promise<void> {
  if (open === 0 && !session.open()) return writeLine(pipe, { id, frames: undefined });
  open++;
  const frames = await readTaskStack(MAIN_THREAD, taskId, withinMs);
  if (--open === 0) session.end();
  writeLine(pipe, { id, frames });
}
