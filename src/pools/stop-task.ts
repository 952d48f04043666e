/**
 * Asks a worker to end a task: by a shared word, which a loop can look at, and by a message, which aborts its signal.
 */
import { encodeError, encodePlainly } from "../wire/error-codec.ts";
import type { ToWorker } from "../wire/messages.ts";
import type { Words } from "../wire/words.ts";

export function stopTask(
  { words, post }: { readonly words: Words; readonly post: (message: ToWorker) => void },
  taskId: number,
  reason: unknown,
): void {
  words.requestStop(taskId);
  const encoded = encodeError(reason);
  try {
    post({ type: "stop", taskId, reason: encoded });
  } catch {
    // It clones here, and not on this way.
    post({ type: "stop", taskId, reason: encodePlainly(encoded) });
  }
}
