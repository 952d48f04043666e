/**
 * Signals go to the program, and how it ended becomes how this process ends.
 */
import type { ChildProcess } from "node:child_process";

const FROM_TERMINAL: readonly NodeJS.Signals[] = ["SIGINT", "SIGQUIT"];
const FORWARDED: readonly NodeJS.Signals[] = ["SIGTERM", "SIGHUP", "SIGUSR2", "SIGWINCH", "SIGCONT"];

export function passSignals(child: ChildProcess): void {
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of FORWARDED) process.on(signal, forward);
  // A terminal sends these to every process of the group. Twice would be "yes, at once" to many programs.
  const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  for (const signal of FROM_TERMINAL) process.on(signal, hasTerminal ? () => {} : forward);
}

/** Does not return before the process is gone, unless the signal is one that it survives. */
export function endAs(code: number | null, signal: NodeJS.Signals | null): void {
  if (signal === null) {
    process.exitCode = code ?? 1;
    return;
  }
  for (const name of [...FROM_TERMINAL, ...FORWARDED]) process.removeAllListeners(name);
  process.kill(process.pid, signal);
}
