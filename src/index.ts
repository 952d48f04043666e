/**
 * Run it off the loop: any function, in worker threads or child processes.
 */
import "./own-names.ts";

export { Task } from "./core/task.ts";
export { currentTask } from "./core/current-task.ts";
export { registerContext } from "./core/contexts.ts";
export {
  ActorDisposedError,
  BrokenExecutorError,
  DeadlockError,
  ExecutorClosedError,
  InternalError,
  NotExposedError,
  isOffloopError,
  OffloopError,
  QueueFullError,
  SchedulerClosedError,
  SerializationError,
  TaskTimeoutError,
  TravelError,
  WorkerLostError,
} from "./core/errors.ts";
export { expose } from "./core/exposed.ts";
export { setDebug } from "./debug-mode.ts";
export { defaultExecutor, setDefaultExecutor, shutdownDefaultExecutors } from "./default-executor.ts";
export { formatStall } from "./loop/format-stall.ts";
export { watchLoop } from "./loop/loop-monitor.ts";
export { InlineExecutor } from "./pools/inline-executor.ts";
export { ProcessPoolExecutor } from "./pools/process-pool-executor.ts";
export { ThreadPoolExecutor } from "./pools/thread-pool-executor.ts";
export { runInExecutor } from "./run-in-executor.ts";
export { runOnMain } from "./run-on-main.ts";
export { threaded } from "./threaded.ts";
export { explainTravel } from "./travel/explain.ts";
export { transfer } from "./wire/transfer.ts";

export type { CallOptions } from "./core/call-options.ts";
export type { Clock, StopTimer } from "./core/clock.ts";
export type { CurrentTask } from "./core/current-task.ts";
export type { ExposeOptions } from "./core/exposed.ts";
export type { Distribution } from "./core/distribution.ts";
export type { StackFrame, TravelErrorKind } from "./core/errors.ts";
export type { Executor, ExecutorOptions, ShutdownOptions, ShutdownReport } from "./core/executor.ts";
export type { RetryOptions } from "./core/retry.ts";
export type { ResourceLimits } from "./core/resource-limits.ts";
export type { Stdio } from "./core/stdio.ts";
export type { StreamOptions } from "./core/stream-options.ts";
export type { MapOptions } from "./core/map-options.ts";
export type { LifecycleState } from "./core/lifecycle.ts";
export type { ExecutorStatistics, FunctionStatistics, WorkerStatistics } from "./core/statistics.ts";
export type { TaskEvent } from "./core/task-events.ts";
export type { TaskTiming } from "./core/task-timing.ts";
export type { TaskState } from "./core/task.ts";
export type { WorkerEvent } from "./core/worker-events.ts";
export type { StreamedFrom, TaskStream } from "./core/task-stream.ts";
export type { TravelExplanation } from "./travel/explain.ts";
export type { CapturedVariable } from "./travel/value/capture-result.ts";
export type { DefaultExecutorKind } from "./default-executor.ts";
export type { Advice } from "./loop/advice.ts";
export type { Lag, LagWindow } from "./loop/lag-windows.ts";
export type { LoopMonitor, LoopMonitorEvents, LoopSnapshot } from "./loop/loop-monitor.ts";
export type { LoopMonitorOptions } from "./loop/options.ts";
export type { Pressure, PressureLimits } from "./loop/pressure.ts";
export type { Culprit, HotFrame, Stall, StallCause } from "./loop/stall.ts";
export type { RunOnMain } from "./run-on-main.ts";
export type {
  Called,
  Mapped,
  StreamedBy,
  Threaded,
  ThreadedDecorator,
  ThreadedMethod,
  ThreadedOptions,
} from "./threaded.ts";
