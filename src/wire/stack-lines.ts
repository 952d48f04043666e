/**
 * What is asked about the stack of a child's task, and answered, on a pipe of its own: JSON, a line each. The child's IPC channel
 * belongs to its main thread, and that one hangs.
 */
import type { Duplex } from "node:stream";
import type { StackFrame } from "../core/errors.ts";

export interface StackRequest {
  readonly id: number;
  readonly taskId: number;
  readonly withinMs: number;
}

export interface StackAnswer {
  readonly id: number;
  /** Missing: not known within the limit. */
  readonly frames?: StackFrame[] | undefined;
}

export function writeLine(pipe: Duplex, message: StackRequest | StackAnswer): void {
  pipe.write(`${JSON.stringify(message)}\n`);
}

export function readLines<Message>(pipe: Duplex, received: (message: Message) => void): void {
  let rest = "";
  pipe.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) received(JSON.parse(line) as Message);
  });
  // A pipe whose other end is gone: nobody asks any more, or nobody answers, and both sides know what to do then.
  pipe.on("error", () => {});
}
