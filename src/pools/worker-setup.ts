/**
 * What all workers of an executor have in common.
 */
import type { CompleteOptions } from "../core/executor-options.ts";
import type { AnyFunction, FunctionHandle } from "../core/function-handle.ts";
import { NotInstalled } from "../core/installed-package.ts";
import type { Clock } from "../core/clock.ts";
import type { ResourceLimits } from "../core/resource-limits.ts";
import type { Stdio } from "../core/stdio.ts";
import { MainCalls } from "./main-calls.ts";
import { type Failure, resendAs } from "../travel/resend.ts";
import { encodeWholeCall, type ResolveFunction } from "../wire/frames.ts";
import type { StartPart, ToWorker } from "../wire/messages.ts";

export interface WorkerSetup {
  readonly nice: number | undefined;
  readonly env: NodeJS.ProcessEnv | undefined;
  readonly execArgv: string[] | undefined;
  readonly resourceLimits: ResourceLimits | undefined;
  /** Whether workers tell how much memory they take. */
  readonly weighed: boolean;
  readonly stdio: Stdio;
  /** Whether a child process can be asked where its task is: it has a thread for that. */
  readonly stacks: boolean;
  readonly initializer: FunctionHandle | undefined;
  readonly initializerArgs: readonly unknown[];
  readonly finalizer: FunctionHandle | undefined;
  readonly resolve: ResolveFunction;
  readonly mainCalls: MainCalls;
  /** How many calls a worker may have at a time, where that is not the kind's own. */
  readonly mostInFlight: number | undefined;
  /** What a worker is told first. @throws NotInstalled */
  start(): Start;
  /** Another way to send what a worker could not find, for all that start from now on. @throws what the start fails with */
  resend(part: StartPart, failure: Failure): void;
}

type Start = Extract<ToWorker, { type: "start" }>;

/** @throws TravelError when the initializer or the finalizer cannot travel. */
export function workerSetup(
  options: CompleteOptions & { clock: Clock },
  resolve: ResolveFunction,
): WorkerSetup {
  const { env, execArgv, resourceLimits, initializerArgs = [], nice = defaultNice() } = options;
  let notInstalled: NotInstalled | undefined;
  const find = (fn: AnyFunction): FunctionHandle | undefined => {
    try {
      return resolve(fn);
    } catch (error) {
      if (!(error instanceof NotInstalled)) throw error;
      // No worker can start: that is the calls' to tell.
      notInstalled = error;
      return undefined;
    }
  };
  const parts = {
    initializer: options.initializer && find(options.initializer),
    finalizer: options.finalizer && find(options.finalizer),
  };
  const argsOf = { initializer: initializerArgs, finalizer: [] };
  return {
    nice,
    env,
    execArgv,
    resourceLimits,
    weighed: options.maxWorkerMemoryBytes !== undefined,
    stdio: options.stdio ?? "inherit",
    stacks: options.stacks === true,
    initializer: parts.initializer,
    initializerArgs,
    finalizer: parts.finalizer,
    resolve,
    mainCalls: new MainCalls(options),
    mostInFlight: mostInFlight(process.env["OFFLOOP_FRAME"]),
    start() {
      if (notInstalled !== undefined) throw notInstalled;
      return {
        type: "start",
        ...(parts.initializer && {
          initializer: encodeWholeCall(parts.initializer, initializerArgs, resolve),
        }),
        ...(parts.finalizer && { finalizer: encodeWholeCall(parts.finalizer, [], resolve) }),
      };
    },
    resend(part, failure) {
      parts[part] = resendAs({ handle: parts[part]!, args: argsOf[part], options: {} }, failure);
    },
  };
}

/**
 * The loop and its workers want the same CPUs: with niced workers the p99 of a trivial request under load is 0.28–0.47 of
 * piscina's, at the same throughput (10 instead of 19: 0.42–0.65). macOS counts niceness per process, so it would slow the
 * loop too.
 */
export function defaultNice(): number | undefined {
  return process.platform === "darwin" ? undefined : 19;
}

/**
 * `OFFLOOP_FRAME=1` sends each call when the one before it was answered, to compare; other numbers are for measurements.
 * @throws RangeError
 */
export function mostInFlight(value: string | undefined): number | undefined {
  if (value === undefined || value === "") return undefined;
  const most = Number(value);
  if (Number.isInteger(most) && most >= 1 && most <= 256) return most;
  throw new RangeError(`OFFLOOP_FRAME must be a whole number from 1 to 256, got ${JSON.stringify(value)}`);
}
