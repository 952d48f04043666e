/**
 * What all workers of an executor have in common.
 */
import type { CompleteOptions } from "../core/executor-options.ts";
import type { Failure } from "../travel/resend.ts";
import type { ResolveFunction } from "../wire/frames.ts";
import type { ToWorker } from "../wire/messages.ts";
import { WorkerCall } from "./worker-call.ts";

export interface WorkerSetup {
  readonly nice: number | undefined;
  readonly env: NodeJS.ProcessEnv | undefined;
  readonly execArgv: string[] | undefined;
  readonly initializer: WorkerCall | undefined;
  readonly finalizer: WorkerCall | undefined;
  readonly resolve: ResolveFunction;
  /** What a new worker is told first. @throws TravelError, NotInstalled */
  start(): ToWorker;
  /** The same after a worker could not find a function of it. @throws why there is no other way */
  startAgain(failure: Failure): ToWorker;
}

/** @throws TravelError when the initializer or the finalizer cannot travel. */
export function workerSetup(options: CompleteOptions, resolve: ResolveFunction): WorkerSetup {
  const { env, execArgv, initializerArgs = [], nice = defaultNice() } = options;
  const initializer = options.initializer && new WorkerCall(options.initializer, initializerArgs, resolve);
  const finalizer = options.finalizer && new WorkerCall(options.finalizer, [], resolve);
  const start = (): ToWorker => ({
    type: "start",
    ...(initializer && { initializer: initializer.encode() }),
    ...(finalizer && { finalizer: finalizer.encode() }),
  });
  return {
    nice,
    env,
    execArgv,
    initializer,
    finalizer,
    resolve,
    start,
    startAgain(failure) {
      const call = [initializer, finalizer].find((candidate) => candidate?.concerns(failure));
      if (call === undefined) throw failure.error;
      call.change(failure);
      return start();
    },
  };
}

/**
 * The loop and its workers want the same CPUs: with niced workers the p99 of a trivial request under load is 0.28–0.47 of
 * piscina's, at the same throughput (10 instead of 19: 0.42–0.65). macOS counts niceness per process, so it would slow the
 * loop too.
 */
function defaultNice(): number | undefined {
  return process.platform === "darwin" ? undefined : 19;
}
