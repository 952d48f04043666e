/**
 * Child processes that never outlive this one, however it ends: by itself, with an error, or with Ctrl-C. (If it is killed,
 * the children see their channel close, and end.)
 */
import { fork } from "node:child_process";
import { on, once } from "node:events";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const running = new Set();

process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

// npm tells only its shell to end, and the shell does not pass that on. When it is gone, nobody wants the demo any more.
if (process.env.npm_lifecycle_event !== undefined) {
  const shell = process.ppid;
  setInterval(() => process.ppid === shell || process.exit(143), 500).unref();
}

/**
 * With `ownSession` a child counts as a program of its own. Linux shares the CPUs among sessions first, and by niceness only
 * within one: a client should not have to wait because the server is busy.
 */
export function start(file, args, { ownSession = false } = {}) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = fork(path, args, { detached: ownSession, windowsHide: true });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

/** What a child sends, until it ends. Throws when it ends badly. */
export async function* messages(child) {
  for await (const [message] of on(child, "message", { close: ["close"] })) yield message;
  const { exitCode, signalCode, spawnargs } = child;
  if (exitCode !== 0) throw new Error(`${spawnargs.slice(1).join(" ")} ended with ${signalCode ?? exitCode}`);
}

const PATIENCE_MS = 1_000;

/** Lets a child end by itself, as it should when its channel closes, and ends it if it does not. */
export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  child.disconnect();
  await once(child, "exit");
  clearTimeout(timer);
}
