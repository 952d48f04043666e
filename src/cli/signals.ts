/**
 * Signals go to the program, and how it ended becomes how this process ends. One that goes to the whole process group reaches the
 * program without help, and is not passed on: twice would be "yes, at once" to many programs.
 */
import type { ChildProcess } from "node:child_process";
import { GroupWitness } from "./group-witness.ts";

/** What may be sent to a program. Of SIGUSR1 without a listener Node would open a port for debuggers, here and not in the program. */
const FORWARDED_ONCE: readonly NodeJS.Signals[] = [
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGABRT",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGTERM",
];
/** A second one says nothing new, and none ends a witness. */
const FORWARDED: readonly NodeJS.Signals[] = ["SIGWINCH", "SIGCONT"];

/** From now on, until what it returns is called. */
export function forwardSignals(child: ChildProcess): () => void {
  const witness = process.platform === "win32" ? undefined : new GroupWitness();
  let pending: NodeJS.Signals[] = [];
  let isForwarding = false;
  const forwardAll = async (): Promise<void> => {
    isForwarding = true;
    while (pending.length > 0) {
      const signals = pending;
      pending = [];
      // On Windows whatever comes is the console's, and goes to all that run in it.
      const seen = witness === undefined ? signals : ((await witness.sawToo(signals)) ?? fromTerminal());
      for (const signal of signals) if (!seen.includes(signal)) child.kill(signal);
    }
    isForwarding = false;
  };
  const forwardOnce = (signal: NodeJS.Signals): void => {
    if (!pending.includes(signal)) pending.push(signal);
    if (!isForwarding) void forwardAll();
  };
  const forwardAgain = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of FORWARDED_ONCE) process.on(signal, forwardOnce);
  for (const signal of FORWARDED) process.on(signal, forwardAgain);
  return () => {
    for (const signal of FORWARDED_ONCE) process.off(signal, forwardOnce);
    for (const signal of FORWARDED) process.off(signal, forwardAgain);
    witness?.stop();
  };
}

/** Where nobody knows: what a terminal sends, and always to a whole group. */
function fromTerminal(): readonly NodeJS.Signals[] {
  const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  return hasTerminal ? ["SIGINT", "SIGQUIT"] : [];
}

/** Does not return before the process is gone, unless the signal is one that it survives. Signals are passed no more. */
export function endAs(code: number | null, signal: NodeJS.Signals | null): void {
  if (signal === null) process.exitCode = code ?? 1;
  else process.kill(process.pid, signal);
}
