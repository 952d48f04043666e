/**
 * Signals go to the program, and how it ended becomes how this process ends. One that goes to the whole process group reaches the
 * program without help, and is not passed on: twice would be "yes, at once" to many programs.
 */
import type { ChildProcess } from "node:child_process";
import { GroupWitness } from "./group-witness.ts";

/** What may be sent to a program. Of SIGUSR1 without a listener Node would open a port for debuggers, here and not in the program. */
const ONCE: readonly NodeJS.Signals[] = [
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
const EVER: readonly NodeJS.Signals[] = ["SIGWINCH", "SIGCONT"];
/** @returns what ends it. */
export function passSignals(child: ChildProcess): () => void {
  const witness = process.platform === "win32" ? undefined : new GroupWitness();
  let come: NodeJS.Signals[] = [];
  let isPassing = false;
  const pass = async (): Promise<void> => {
    isPassing = true;
    while (come.length > 0) {
      const signals = come;
      come = [];
      // On Windows whatever comes is the console's, and goes to all that run in it.
      const seen = witness === undefined ? signals : ((await witness.sawToo(signals)) ?? fromTerminal());
      for (const signal of signals) if (!seen.includes(signal)) child.kill(signal);
    }
    isPassing = false;
  };
  const once = (signal: NodeJS.Signals): void => {
    if (!come.includes(signal)) come.push(signal);
    if (!isPassing) void pass();
  };
  const ever = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of ONCE) process.on(signal, once);
  for (const signal of EVER) process.on(signal, ever);
  return () => {
    for (const signal of ONCE) process.off(signal, once);
    for (const signal of EVER) process.off(signal, ever);
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
