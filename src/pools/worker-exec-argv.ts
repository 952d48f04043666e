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
  ...profiling("cpu"),
  ...profiling("heap"),
  ["--experimental-default-type", 1],
]);

/** Node refuses to start with the details of a profile that is not taken. */
function profiling(kind: "cpu" | "heap"): [string, number][] {
  const details = ["dir", "name", "interval"].map((detail): [string, number] => [
    `--${kind}-prof-${detail}`,
    1,
  ]);
  return [[`--${kind}-prof`, 0], ...details];
}

// What a thread takes when it is given options at all: those about modules and warnings, or their `--no-` form. V8's own
// and most others belong to the process, and a thread that is given one does not start.
const FOR_THREADS = new Set([
  "-r",
  "--require",
  "--import",
  "--loader",
  "--experimental-loader",
  "-C",
  "--conditions",
  "--preserve-symlinks",
  "--preserve-symlinks-main",
  "--global-search-paths",
  "--addons",
  "--warnings",
  "--disable-warning",
  "--deprecation",
  "--trace-warnings",
  "--trace-deprecation",
  "--trace-uncaught",
  "--enable-source-maps",
  "--experimental-vm-modules",
  "--experimental-wasm-modules",
  "--experimental-import-meta-resolve",
  "--experimental-detect-module",
  "--experimental-require-module",
  "--experimental-strip-types",
  "--experimental-transform-types",
]);

function isForThreads(option: string): boolean {
  return FOR_THREADS.has(option.split("=", 1)[0]!.replace(/^--no-/, "--"));
}

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
    if (!isForThreads(option)) continue;
    forThreads.push(option);
    const value = kept[at + 1];
    if (!option.includes("=") && value !== undefined && !value.startsWith("-")) forThreads.push(kept[++at]!);
  }
  return forThreads;
}
