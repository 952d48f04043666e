/**
 * What comes over the channel of a child process and is not ours: whatever the user's code gives to `process.send()`, and what
 * Node itself reports there.
 */
import type { FromWorker } from "../wire/messages.ts";

const OURS: ReadonlySet<unknown> = new Set<FromWorker["type"]>([
  "ready",
  "start-failed",
  "results",
  "finished",
  "crashed",
]);

export function isFromWorker(message: unknown): message is FromWorker {
  return typeof message === "object" && message !== null && OURS.has((message as { type?: unknown }).type);
}

/**
 * Under `node --watch` every process tells its parent which files it loaded. Ours go on to the watcher, so that a change of a
 * module that only workers load restarts the program, too. Nobody waits for anything else.
 */
export function passOn(message: unknown): void {
  if (typeof message !== "object" || message === null || process.send === undefined) return;
  if (Object.keys(message).some((key) => key.startsWith("watch:"))) process.send(message);
}
