/**
 * The stack of a task that runs on another thread of this process, read from here. A thread inside of a native call answers when that returns, so there
 * is a limit, and what has no answer by then is not known.
 */
import { systemClock } from "../core/clock.ts";
import type { StackFrame } from "../core/errors.ts";
import { inspectorRefusal } from "./inspector-state.ts";
import { READ_TASK_STACK, type TaskStack } from "./task-stack.ts";
import { connectToThread, type ThreadSession } from "./thread-session.ts";

// Before a test can fake it.
const { setImmediate } = globalThis;

/** Never rejects. Undefined: not to be had here, no answer in time, or the thread runs something else by now. */
export async function readTaskStack(
  threadId: number,
  taskId: number,
  withinMs: number,
): Promise<StackFrame[] | undefined> {
  if (inspectorRefusal() !== undefined) return undefined;
  let session: ThreadSession;
  try {
    session = connectToThread(threadId);
  } catch {
    return undefined;
  }
  try {
    const stack = await evaluate(session, withinMs);
    return stack?.taskId === taskId ? [...stack.frames] : undefined;
  } finally {
    session.disconnect();
  }
}

function evaluate(session: ThreadSession, withinMs: number): Promise<TaskStack | undefined> {
  return new Promise((resolve) => {
    // Where this loop was blocked itself, the answer may be there and not be read: it gets one more turn.
    const stopTimer = systemClock.after(withinMs, () => setImmediate(() => resolve(undefined)));
    const parameters = { expression: READ_TASK_STACK, returnByValue: true, silent: true };
    session.post("Runtime.evaluate", parameters, (error, result) => {
      stopTimer();
      resolve(error === null ? parse(result) : undefined);
    });
  });
}

function parse(result: unknown): TaskStack | undefined {
  const { value } = (result as { result?: { value?: unknown } } | undefined)?.result ?? {};
  return typeof value === "string" ? (JSON.parse(value) as TaskStack) : undefined;
}
