/**
 * A program from its start to its orderly end.
 *
 * ```
 * start services, in order ─► main ─► ended, or a signal ─► stop services, in reverse ─► executors ─► result
 *                                                            │ after the first one: handlers of `atomic`
 * ```
 *
 * Whatever happens on the way, each service that was started is stopped, once. Everything from the first reason to end on is under one
 * limit (`shutdown-limit.ts`). Signals belong to it only while it runs.
 */
import { constants } from "node:os";
import { isMainThread } from "node:worker_threads";
import { shutdownHooks } from "../core/at-shutdown.ts";
import { callable, type Check, checkOptions, flag, milliseconds, clockLike } from "../core/check-options.ts";
import type { Clock } from "../core/clock.ts";
import { debugMode } from "../core/debug.ts";
import { isAbort } from "../core/is-abort.ts";
import { shutdownDefaultExecutors } from "../default-executor.ts";
import { type EntrypointContext, runMain } from "./main-run.ts";
import { type Service, serviceName } from "./service.ts";
import { ShutdownLimit } from "./shutdown-limit.ts";
import { Steps } from "./steps.ts";
import { onStopRequest } from "./stop-request.ts";

export interface EntrypointOptions {
  /** Started in this order, one after the other, before the main function; stopped in reverse. */
  services?: readonly Service[];
  /** How long ending may take, all of it, in milliseconds. Then the process exits with code 70. 60 000 unless set. */
  shutdownTimeoutMs?: number;
  /**
   * What asks the program to end. `["SIGINT", "SIGTERM"]` unless set, and in a worker, which gets none, nothing. A second one exits at once,
   * with code 130.
   */
  signals?: readonly NodeJS.Signals[];
  /** Writes each step and how long it took to stderr. Debug mode (`OFFLOOP_DEBUG=1`, `setDebug`) turns it on unless set. */
  debug?: boolean;
  /** Something that watches the program, and is stopped last. */
  monitor?: { stop(): unknown };
  /** For tests. */
  clock?: Clock;
}

const services: Check = (value) =>
  Array.isArray(value) && value.every((one) => hasMethods(one, "start", "stop"))
    ? undefined
    : { kind: "type", expected: "an array of services, each with start() and stop()" };

const monitor: Check = (value) =>
  hasMethods(value, "stop") ? undefined : { kind: "type", expected: "something with stop()" };

// The system lets nobody listen to these two.
const listenable = new Set(Object.keys(constants.signals));
listenable.delete("SIGKILL");
listenable.delete("SIGSTOP");

const signals: Check = (value) =>
  Array.isArray(value) && value.every((one) => listenable.has(one as string))
    ? undefined
    : { kind: "type", expected: "an array of signals that a program can receive" };

const CHECKS = {
  services,
  shutdownTimeoutMs: milliseconds({ least: 0, exclusive: true }),
  signals,
  debug: flag,
  monitor,
  clock: clockLike,
};

/**
 * Starts the services, runs `main`, and ends in order: when `main` has ended, or on a signal. Then the services stop in reverse order,
 * request handlers of `atomic` are waited for once the service that was started last (the server) has stopped, and the default
 * executors finish their calls. Resolves with what `main` gave, with `undefined` if a signal ended it.
 *
 * A `start` that throws stops the services before it, and is thrown. Errors of `stop` do not keep others from stopping; one is thrown as itself, several as
 * an `AggregateError`. A program that a signal has ended and that does not end by itself in `shutdownTimeoutMs` exits with code 70, too.
 *
 * @throws TypeError, RangeError for bad options, before anything is started.
 * @example
 * ```js
 * import { entrypoint } from "offloop/service";
 *
 * const database = {
 *   start: () => console.log("connected"),
 *   stop: () => console.log("disconnected"),
 * };
 * const answer = await entrypoint(async ({ signal }) => 42, { services: [database] });
 * console.log(answer);
 * // => connected
 * // => disconnected
 * // => 42
 * ```
 */
export async function entrypoint<R>(
  main: (context: EntrypointContext) => R,
  options: EntrypointOptions = {},
): Promise<Awaited<R> | undefined> {
  checkOptions({ main }, { main: callable }, "entrypoint");
  checkOptions(options, CHECKS, "entrypoint");
  if (!isMainThread && (options.signals ?? []).length > 0) {
    throw new TypeError(
      'entrypoint: option "signals" must be empty in a worker: signals come to the main thread only',
    );
  }
  const steps = new Steps(options.debug ?? debugMode.isOn);
  const limit = new ShutdownLimit(options.shutdownTimeoutMs ?? 60_000, steps, options.clock);
  const stop = new AbortController();
  const giveSignalsBack = onStopRequest(
    options.signals ?? (isMainThread ? ["SIGINT", "SIGTERM"] : []),
    (signal) => {
      steps.note(`${signal} received`);
      limit.start();
      stop.abort(new DOMException(`${signal} asked the program to end`, "AbortError"));
    },
  );
  // Signals hold no process, so a main function that only waits for one would be dropped with it.
  const hold = setInterval(() => {}, 2 ** 30);
  try {
    return await live(main, options, { steps, limit, stop: stop.signal });
  } finally {
    clearInterval(hold);
    giveSignalsBack();
    // After a signal the time goes on: what is left behind must not keep the program.
    if (!stop.signal.aborted) limit.clear();
  }
}

interface Parts {
  readonly steps: Steps;
  readonly limit: ShutdownLimit;
  readonly stop: AbortSignal;
}

async function live<R>(
  main: (context: EntrypointContext) => R,
  options: EntrypointOptions,
  { steps, limit, stop }: Parts,
): Promise<Awaited<R> | undefined> {
  const errors: unknown[] = [];
  const started: Service[] = [];
  const attempt = async (name: string, step: () => unknown): Promise<boolean> => {
    try {
      await steps.run(name, step);
      return true;
    } catch (error) {
      if (!(stop.aborted && isAbort(error, stop))) errors.push(error);
      return false;
    }
  };

  for (const service of options.services ?? []) {
    if (stop.aborted) break;
    if (!(await attempt(`start ${serviceName(service)}`, () => service.start(stop)))) break;
    started.push(service);
  }
  const ready = errors.length === 0 && !stop.aborted && started.length === (options.services ?? []).length;
  const run = ready ? runMain(main, stop) : undefined;
  await (run && steps.run("run the main function", () => run.servicesMayStop));

  limit.start();
  const last = started.pop();
  if (last !== undefined) await attempt(`stop ${serviceName(last)}`, () => last.stop());
  // The server is gone, what handlers need is not.
  await Promise.all(
    shutdownHooks().map((hook) => attempt("wait for request handlers", () => hook(limit.leftMs))),
  );
  for (const service of started.reverse()) {
    await attempt(`stop ${serviceName(service)}`, () => service.stop());
  }
  const outcome = await (run && steps.run("wait for the main function", () => run.outcome));
  await attempt("finish the executors", () => shutdownDefaultExecutors({ timeoutMs: limit.leftMs }));
  const { monitor: watching } = options;
  if (watching !== undefined) await attempt("stop the monitor", () => watching.stop());

  if (outcome !== undefined && "error" in outcome) {
    if (!(stop.aborted && isAbort(outcome.error, stop))) errors.unshift(outcome.error);
  }
  if (errors.length > 1) {
    throw new AggregateError(errors, "The program failed in several places", { cause: errors[0] });
  }
  if (errors.length === 1) throw errors[0];
  return outcome !== undefined && "value" in outcome ? outcome.value : undefined;
}

function hasMethods(value: unknown, ...names: string[]): boolean {
  return names.every(
    (name) => typeof (value as Record<string, unknown> | null | undefined)?.[name] === "function",
  );
}
