import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { RequestHandler } from "express";
import { atomic, clientGone, type Job, Scheduler } from "offloop/jobs";
import { describe, expectTypeOf, test } from "vitest";

describe("jobs", () => {
  test("infer", async () => {
    const scheduler = new Scheduler({ limit: 5, exceptionHandler: (_, { error }) => void error });
    const job = await scheduler.spawn(async (signal) => signal.aborted);
    expectTypeOf(job).toEqualTypeOf<Job<boolean>>();
    expectTypeOf(job.wait({ timeoutMs: 5 })).toEqualTypeOf<Promise<boolean>>();
    expectTypeOf(scheduler.shield(Promise.resolve("a"))).toEqualTypeOf<Promise<string>>();
    for (const one of scheduler) expectTypeOf(one).toEqualTypeOf<Job<unknown>>();
    // @ts-expect-error not a function
    void scheduler.spawn(Promise.resolve());
    // @ts-expect-error aiojobs' name
    void new Scheduler({ pending_limit: 5 });
  });

  test("atomic fits where the handler did", () => {
    const handler = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      if (!clientGone(request).aborted) response.end();
    };
    expectTypeOf(atomic(handler)).toExtend<RequestListener>();
    const middleware: RequestHandler = atomic(async (request, response) => {
      expectTypeOf(request.params).not.toBeAny();
      response.send("ok");
    });
    void middleware;
  });
});
