/**
 * Node options for workers. A worker inherits the program's, but some of them say how *this* process was started, and
 * would start it again, or fail, in a worker.
 */

// Each with how many values follow it as separate arguments.
const NOT_FOR_WORKERS = new Map([
  ["-e", 1],
  ["--eval", 1],
  ["-p", 1],
  ["-pe", 1],
  ["--print", 1],
  ["-i", 0],
  ["--interactive", 0],
  ["-c", 0],
  ["--check", 0],
  ["--input-type", 1],
  ["--inspect", 0],
  ["--inspect-brk", 0],
  ["--inspect-port", 1],
  ["--inspect-wait", 0],
  ["--watch", 0],
  ["--watch-path", 1],
  ["--test", 0],
  ["--cpu-prof", 0],
  ["--heap-prof", 0],
  ["--experimental-default-type", 1],
]);

// The only ones that a thread takes when it is given options at all; V8's own belong to the process.
const FOR_THREADS =
  /^(--(import|require|loader|experimental|conditions|no-|enable-source-maps|preserve-symlinks|trace-|tsconfig)|-[rC]$)/;

/** For `fork`: everything but what says how this process was started. */
export function processExecArgv(given: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < given.length; at++) {
    const option = given[at]!;
    const values = NOT_FOR_WORKERS.get(option.split("=", 1)[0]!);
    if (values === undefined) kept.push(option);
    else if (!option.includes("=")) at += values;
  }
  return kept;
}

/** For a thread: undefined to inherit, which Node does without complaint. Given options are checked one by one. */
export function threadExecArgv(given: readonly string[]): string[] | undefined {
  const kept = processExecArgv(given);
  if (kept.length === given.length) return undefined;
  const forThreads: string[] = [];
  for (let at = 0; at < kept.length; at++) {
    const option = kept[at]!;
    if (!FOR_THREADS.test(option)) continue;
    forThreads.push(option);
    const value = kept[at + 1];
    if (!option.includes("=") && value !== undefined && !value.startsWith("-")) forThreads.push(kept[++at]!);
  }
  return forThreads;
}
