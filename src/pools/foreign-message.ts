/**
 * What comes over the channel of a child process and is not ours: whatever the user's code gives to `process.send()`, and what
 * Node itself reports there.
 */

/**
 * Under `node --watch` every process tells its parent which files it loaded. Ours go on to the watcher, so that a change of a
 * module that only workers load restarts the program, too. Nobody waits for anything else.
 */
export function passOn(message: unknown): void {
  if (typeof message !== "object" || message === null || process.send === undefined) return;
  if (!Object.keys(message).some((key) => key.startsWith("watch:"))) return;
  // The callback takes the error of a channel that is about to close. The program would die of it otherwise.
  process.send(message, undefined, {}, () => {});
}
