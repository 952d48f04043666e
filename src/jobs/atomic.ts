/**
 * Request handlers that a shutdown waits for.
 */
import type { ServerResponse } from "node:http";
import { atShutdown } from "../core/at-shutdown.ts";
import { callable, checkOptions } from "../core/check-options.ts";
import { SchedulerClosedError } from "../core/errors.ts";
import { watchClient } from "./client-gone.ts";
import { jobEnd } from "./job.ts";
import { Scheduler } from "./scheduler.ts";

export interface AtomicOptions {
  /**
   * Runs the handlers. One for all that set none, unless set: without a limit, because the server is the one to bound its requests. The
   * shutdown of `entrypoint` (`offloop/service`) waits for that one; without it, pass your own and await its `waitAndClose()`.
   */
  scheduler?: Scheduler;
}

const CHECKS = {
  scheduler: (value: unknown) =>
    value instanceof Scheduler ? undefined : ({ kind: "type", expected: "a Scheduler" } as const),
};

let shared: Scheduler | undefined;

/**
 * Wraps a request handler of `node:http` (or `node:http2`), Express or Fastify: it runs as a job of a scheduler. Node never ends a handler whose client leaves,
 * so it always ran to its end; what this adds is that a graceful shutdown waits for that end, even though the server has no connection left that it
 * knows of, and `clientGone(request)`, for what may be skipped.
 *
 * Its error goes where the framework wants it: to `next` of Express, to the promise for Fastify. `node:http` has nobody for it: the scheduler's
 * `exceptionHandler` is told, and the client gets a 500. Once the scheduler is closed requests get a 503.
 *
 * @throws TypeError for something that is not a function, and for bad options.
 * @example
 * ```js
 * import { once } from "node:events";
 * import { createServer } from "node:http";
 * import { atomic, Scheduler } from "offloop/jobs";
 *
 * const scheduler = new Scheduler();
 * const server = createServer(atomic(async (_request, response) => response.end("paid"), { scheduler }));
 * await once(server.listen(0), "listening");
 *
 * const answer = await fetch(`http://localhost:${server.address().port}`);
 * console.log(await answer.text()); // => paid
 * server.close();
 * server.closeAllConnections();
 * await scheduler.waitAndClose(); // handlers whose clients are gone, too
 * ```
 */
export function atomic<This, A extends unknown[], R>(
  handler: (this: This, ...args: A) => R,
  options: AtomicOptions = {},
): (this: This, ...args: A) => Promise<Awaited<R> | undefined> {
  checkOptions({ handler }, { handler: callable }, "atomic");
  checkOptions(options, CHECKS, "atomic");
  const wrapped = async function (this: This, ...args: A): Promise<Awaited<R> | undefined> {
    // Express gives its error handlers the error first.
    const [request, response] = args.length === 4 ? args.slice(1) : args;
    watchClient(request, response);
    const scheduler = options.scheduler ?? sharedScheduler();
    let begun = false;
    const run = (): unknown => {
      begun = true;
      const given = handler.apply(this, args);
      return given === undefined && isReply(response) ? response : given;
    };
    const name = handler.name === "" ? "anonymous handler" : handler.name;
    if (args.length === 2 && isOfNode(response)) {
      await answered(scheduler, run, name, response);
      return undefined;
    }
    const next = args.at(-1);
    try {
      const job = await scheduler.spawn(run, { name });
      return (await job.wait()) as Awaited<R>;
    } catch (error) {
      // The scheduler was closed before it was this one's turn.
      const refusal = (): object =>
        Object.assign(new SchedulerClosedError(scheduler.name), { statusCode: 503 });
      const told = begun ? error : refusal();
      if (typeof next !== "function") throw told;
      (next as (error: unknown) => void)(told);
      return undefined;
    }
  };
  // Express tells its error handlers by the number of parameters.
  return Object.defineProperties(wrapped, {
    name: { value: handler.name, configurable: true },
    length: { value: handler.length, configurable: true },
  });
}

/** Of `node:http` or `node:http2`; Fastify's reply only has one of those inside. */
function isOfNode(response: unknown): response is ServerResponse {
  return typeof (response as Partial<ServerResponse> | null | undefined)?.writeHead === "function";
}

/**
 * Fastify's, which is a promise of its own end. A handler that answers later, from a callback, is over then: and Fastify would take
 * our promise of nothing for an empty answer.
 */
function isReply(response: unknown): boolean {
  return typeof (response as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";
}

/** For `node:http`, which looks at no promise. Settles when the job has, and never rejects. */
async function answered(
  scheduler: Scheduler,
  run: () => unknown,
  name: string,
  response: ServerResponse,
): Promise<void> {
  let begun = false;
  const handled = async (): Promise<void> => {
    begun = true;
    try {
      await run();
    } catch (error) {
      answerError(response, 500);
      throw error;
    }
  };
  await scheduler.spawn(handled, { name }).then(jobEnd, () => {});
  // Refused, or closed while it was pending.
  if (!begun) answerError(response, 503);
}

function answerError(response: ServerResponse, status: 500 | 503): void {
  // Its end may not have left this process yet.
  if (response.writableEnded) return;
  if (response.headersSent) return void response.destroy();
  response.statusCode = status;
  // Not a header of HTTP/2, where a connection is not one client's turn.
  if (response.req.httpVersionMajor === 1) response.setHeader("Connection", "close");
  response.end();
}

function sharedScheduler(): Scheduler {
  if (shared !== undefined) return shared;
  const made = new Scheduler({ name: "atomic", limit: Infinity });
  const forget = atShutdown(async (timeoutMs) => {
    await made.waitAndClose({ timeoutMs });
    // Servers are stopped by now. A program that starts anew gets a new one.
    forget();
    shared = undefined;
  });
  return (shared = made);
}
