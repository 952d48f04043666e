/**
 * Ends its process when the parent is gone, however that went and whatever the process is doing: a loop that never ends would
 * never see the channel close.
 *
 * It asks for the parent a few times a second instead of blocking on a pipe: a thread in a blocking read cannot be joined, so
 * `process.exit()` in a task would hang.
 */
import { workerData } from "node:worker_threads";

const { parent } = workerData as { parent: number };
// How long an orphan may go on. Four checks a second cost 0.01 % of a core.
const CHECK_MS = 250;

const never = new Int32Array(new SharedArrayBuffer(4));
while (isThere(parent)) Atomics.wait(never, 0, 0, CHECK_MS);
process.kill(process.pid, "SIGKILL");

/** POSIX gives an orphan another parent at once. Windows keeps the number, but nobody answers to it. */
function isThere(pid: number): boolean {
  if (process.ppid !== pid) return false;
  if (process.platform !== "win32") return true;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
