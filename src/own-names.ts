/**
 * The names under which workers find what this package exports. All of them: test/own-names.test.ts.
 */
import { currentTask } from "./core/current-task.ts";
import { registerContext } from "./core/contexts.ts";
import * as errors from "./core/errors.ts";
import { expose } from "./core/exposed.ts";
import { markOwnExports } from "./core/own-exports.ts";
import { Task } from "./core/task.ts";
import { setDebug } from "./debug-mode.ts";
import * as executors from "./default-executor.ts";
import { formatStall } from "./loop/format-stall.ts";
import { watchLoop } from "./loop/loop-monitor.ts";
import { InlineExecutor } from "./pools/inline-executor.ts";
import { ProcessPoolExecutor } from "./pools/process-pool-executor.ts";
import { ThreadPoolExecutor } from "./pools/thread-pool-executor.ts";
import { runInExecutor } from "./run-in-executor.ts";
import { runOnMain } from "./run-on-main.ts";
import { threaded } from "./threaded.ts";
import { explainTravel } from "./travel/explain.ts";
import { transfer } from "./wire/transfer.ts";

const { assertNever: _, ...family } = errors;
markOwnExports("offloop", {
  ...family,
  ...executors,
  currentTask,
  explainTravel,
  expose,
  formatStall,
  InlineExecutor,
  ProcessPoolExecutor,
  registerContext,
  runInExecutor,
  runOnMain,
  setDebug,
  Task,
  threaded,
  ThreadPoolExecutor,
  transfer,
  watchLoop,
});
