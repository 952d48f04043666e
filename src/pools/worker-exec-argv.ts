/**
 * Node options for workers. A worker inherits the program's, but some of them say how *this* process was started, and
 * would start it again, or fail, in a worker.
 */
import { Worker } from "node:worker_threads";

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
  ["--experimental-default-type", 1],
  ["--entry-url", 0],
  ["--experimental-entry-url", 0],
  ["--build-snapshot", 0],
  ["--build-snapshot-config", 1],
  ["--inspect", 0],
  ["--inspect-brk", 0],
  ["--inspect-brk-node", 0],
  ["--inspect-wait", 0],
  ["--inspect-port", 1],
  ["--debug-port", 1],
  ["--inspect-publish-uid", 1],
  ["--watch", 0],
  ["--watch-path", 1],
  ["--watch-preserve-output", 0],
  ["--watch-kill-signal", 1],
  ["--test", 0],
  ["--experimental-test-coverage", 0],
]);

// A worker that is ended writes no profile. The options go together: `--cpu-prof-dir` without `--cpu-prof` is refused.
const PROFILE = /^--(?:cpu|heap)-prof(?:-|$)/;

/** For `fork`: an executor's own options, or all of the program's but those that say how it was started. */
export function processExecArgv(
  own: readonly string[] | undefined,
  program: readonly string[] = process.execArgv,
): string[] {
  return own === undefined ? forWorkers(program) : withPermissions(own);
}

/**
 * For a thread: undefined to inherit, which Node does without complaint. Given options are checked one by one: those of V8
 * and of the process are refused, and hold anyway.
 */
export function threadExecArgv(
  own: readonly string[] | undefined,
  program: readonly string[] = process.execArgv,
): string[] | undefined {
  if (own !== undefined) return withPermissions(own);
  const kept = forWorkers(program);
  return kept.length === program.length ? undefined : withoutRefused(kept);
}

function forWorkers(given: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < given.length; at++) {
    const option = given[at]!;
    const values = PROFILE.test(option) ? valuesOfProfile(option) : NOT_FOR_WORKERS.get(nameOf(option));
    if (values === undefined) kept.push(option);
    else if (!option.includes("=")) at += values;
  }
  return kept;
}

/** Without these a thread that is given options, and a child of Node 20, may do everything: more than its program may. */
function withPermissions(own: readonly string[]): string[] {
  const isPermission = (option: string): boolean => /^--(?:experimental-)?permission$/.test(option);
  if (own.some(isPermission)) return [...own];
  const permissions = process.execArgv.filter((option, at, all) => {
    const isGrantOf = /^--allow-fs-(?:read|write)$/.test(all[at - 1] ?? "");
    return isPermission(option) || option.startsWith("--allow-") || isGrantOf;
  });
  return permissions.some(isPermission) ? [...permissions, ...own] : [...own];
}

const PROBE = "--no-option-of-node";

/**
 * Node has no list of what it takes, but it names all that it refuses. With the probe it always refuses, and no thread
 * starts. A value that stands apart ends what Node reads, hence the loop.
 */
function withoutRefused(options: readonly string[]): string[] {
  const refused = refusedBy([PROBE, ...options]);
  const at = options.findIndex((option) => refused.includes(option) || refused.includes(nameOf(option)));
  if (at === -1) return [...options];
  const value = options[at + 1];
  const width = options[at]!.includes("=") || value === undefined || value.startsWith("-") ? 1 : 2;
  return withoutRefused(options.toSpliced(at, width));
}

function refusedBy(execArgv: string[]): string[] {
  try {
    void new Worker("", { eval: true, execArgv }).terminate();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_WORKER_INVALID_EXEC_ARGV") {
      return message
        .replace(/^.*?flags: /, "")
        .split(", ")
        .filter((option) => option !== PROBE);
    }
  }
  // No threads in this process: whoever starts one will say so.
  return [];
}

/** `--cpu-prof` alone is a switch; where to write, and how often to sample, are values. */
function valuesOfProfile(option: string): number {
  return option.endsWith("-prof") ? 0 : 1;
}

function nameOf(option: string): string {
  return option.split("=", 1)[0]!;
}
