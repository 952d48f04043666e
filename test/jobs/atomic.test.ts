/**
 * Handlers of real servers: Node's, Express's and Fastify's. A client leaves by destroying its socket.
 */
import { once } from "node:events";
import {
  createServer,
  get,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import {
  connect,
  createServer as createHttp2Server,
  type Http2Server,
  type IncomingHttpHeaders,
} from "node:http2";
import type { AddressInfo } from "node:net";
import express from "express";
import Fastify, { type FastifyReply } from "fastify";
import { atomic, clientGone, type JobErrorContext, Scheduler, type SchedulerOptions } from "offloop/jobs";
import { describe, expect, onTestFinished, test } from "vitest";
import { deferred, stateOf, turn } from "../promises.ts";

interface Site {
  readonly url: string;
  readonly server: Server;
  readonly scheduler: Scheduler;
  readonly told: JobErrorContext[];
}

/** What a test's handler does, in terms that all three frameworks have. */
type Handler = (request: IncomingMessage) => Promise<string>;
type Options = Pick<SchedulerOptions, "limit">;

const FRAMEWORKS = { "node:http": nodeHttp, express: expressSite, fastify: fastifySite };

function scheduling(options?: Options): Pick<Site, "scheduler" | "told"> {
  const told: JobErrorContext[] = [];
  const exceptionHandler = (_: Scheduler, context: JobErrorContext): void => void told.push(context);
  return { told, scheduler: new Scheduler({ exceptionHandler, ...options }) };
}

async function listen(server: Server): Promise<string> {
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  if (!server.listening) await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function nodeHttp(handler: Handler, options?: Options): Promise<Site> {
  const site = scheduling(options);
  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.end(await handler(request));
  };
  const server = createServer(atomic(listener, { scheduler: site.scheduler }) as RequestListener);
  return { ...site, server, url: await listen(server) };
}

async function expressSite(handler: Handler, options?: Options): Promise<Site> {
  const site = scheduling(options);
  const app = express();
  // It would print errors of handlers.
  app.set("env", "test");
  app.get(
    "/",
    atomic(
      async (request: express.Request, response: express.Response, _next: express.NextFunction) => {
        response.send(await handler(request));
      },
      { scheduler: site.scheduler },
    ),
  );
  const server = createServer(app as RequestListener);
  return { ...site, server, url: await listen(server) };
}

async function fastifySite(handler: Handler, options?: Options): Promise<Site> {
  const site = scheduling(options);
  const app = Fastify({ forceCloseConnections: true });
  app.get(
    "/",
    atomic(async (request: { raw: IncomingMessage }) => handler(request.raw), { scheduler: site.scheduler }),
  );
  await app.listen({ port: 0, host: "127.0.0.1" });
  return { ...site, server: app.server, url: await listen(app.server) };
}

/** Asks, and gives what makes the client leave. */
function ask(url: string): { leave(): void; readonly left: Promise<unknown> } {
  const request = get(url, { agent: false });
  const left = new Promise<void>((resolve) => {
    request.on("error", () => resolve());
    request.on("close", () => resolve());
  });
  return { leave: () => void request.destroy(), left };
}

describe.each(Object.entries(FRAMEWORKS))("atomic, %s", (kind, site) => {
  test("answers", async () => {
    const { url, scheduler } = await site(async () => "paid");
    const answer = await fetch(url);
    expect([answer.status, await answer.text()]).toEqual([200, "paid"]);
    await scheduler.waitAndClose();
  });

  test("a handler whose client has left goes on, is told so, and a shutdown waits for it", async () => {
    const [begun, work] = [deferred(), deferred()];
    let gone: AbortSignal | undefined;
    let saved = false;
    const { url, server, scheduler } = await site(async (request) => {
      gone = clientGone(request);
      begun.resolve();
      await work.promise;
      saved = true;
      return "too late";
    });
    const client = ask(url);
    await begun.promise;
    expect(gone?.aborted).toBe(false);
    client.leave();
    await once(gone!, "abort");
    expect(gone?.reason).toMatchObject({ name: "AbortError" });
    // The server itself has nothing left to wait for.
    server.close();
    await once(server, "close");
    const closing = scheduler.waitAndClose();
    expect(await stateOf(closing)).toBe("pending");
    expect(saved).toBe(false);
    work.resolve();
    await closing;
    expect(saved).toBe(true);
    await client.left;
  });

  test("clientGone does not abort after an answer", async () => {
    let gone: AbortSignal | undefined;
    const { url, server } = await site(async (request) => {
      gone = clientGone(request);
      return "paid";
    });
    await (await fetch(url)).text();
    server.closeAllConnections();
    await turn();
    await turn();
    expect(gone?.aborted).toBe(false);
  });

  test("an error of the handler is answered, and seen by somebody", async () => {
    const error = new Error("no");
    const { url, scheduler, told } = await site(() => Promise.reject(error));
    expect((await fetch(url)).status).toBe(500);
    await turn();
    // Express and Fastify have the error; Node would have nobody.
    expect(told.map((context) => context.error)).toEqual(kind === "node:http" ? [error] : []);
    expect(scheduler.size).toBe(0);
  });

  test("once the scheduler is closed: 503", async () => {
    let called = false;
    const { url, scheduler } = await site(async () => {
      called = true;
      return "no";
    });
    await scheduler.close();
    expect((await fetch(url)).status).toBe(503);
    expect(called).toBe(false);
  });

  test("a scheduler that closes before it is a request's turn: 503", async () => {
    const asked: IncomingMessage[] = [];
    const both = deferred();
    const release = deferred();
    const { url, scheduler, server } = await site(
      async (request) => {
        asked.push(request);
        await release.promise;
        return "paid";
      },
      { limit: 1 },
    );
    let requests = 0;
    server.prependListener("request", () => void (++requests === 2 && setImmediate(both.resolve)));
    const answers = Promise.all([fetch(url), fetch(url)]);
    await both.promise;
    expect([scheduler.activeCount, scheduler.pendingCount]).toEqual([1, 1]);
    const closing = scheduler.close();
    release.resolve();
    await closing;
    expect(new Set((await answers).map(({ status }) => status))).toEqual(new Set([200, 503]));
    expect(asked).toHaveLength(1);
  });
});

describe("atomic, node:http2", () => {
  /** Asks once, and gives the status and the text. */
  async function ask2(server: Http2Server): Promise<[number | undefined, string]> {
    const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const stream = session.request({ ":path": "/" });
    const [headers] = (await once(stream, "response")) as [IncomingHttpHeaders & { ":status"?: number }];
    let text = "";
    for await (const chunk of stream.setEncoding("utf8")) text += chunk as string;
    session.close();
    return [headers[":status"], text];
  }

  test.each<[string, (response: ServerResponse) => unknown, [number, string]]>([
    ["an answer", (response) => response.end("paid"), [200, "paid"]],
    ["an error", () => Promise.reject(new Error("no")), [500, ""]],
  ])("%s", async (_what, handle, expected) => {
    const { scheduler } = scheduling();
    let gone: AbortSignal | undefined;
    const handler = atomic(
      async (request: IncomingMessage, response: ServerResponse) => {
        gone = clientGone(request);
        await handle(response);
      },
      { scheduler },
    );
    const server = createHttp2Server(handler as never);
    onTestFinished(() => void server.close());
    await once(server.listen(0, "127.0.0.1"), "listening");
    expect(await ask2(server)).toEqual(expected);
    await scheduler.waitAndClose();
    expect(gone?.aborted).toBe(false);
  });
});

describe("atomic", () => {
  test("keeps `this`, name and the number of parameters, and gives the result", async () => {
    const scheduler = new Scheduler();
    const handler = atomic(
      async function pay(this: { price: number }, _request: object, _response: object) {
        return this.price;
      },
      { scheduler },
    );
    expect([handler.name, handler.length]).toEqual(["pay", 2]);
    expect(await handler.call({ price: 42 }, {}, {})).toBe(42);
  });

  test("an error after the headers ends the connection", async () => {
    const scheduler = new Scheduler({ exceptionHandler: () => {} });
    const listener = async (_request: IncomingMessage, response: ServerResponse): Promise<void> => {
      response.write("half");
      await turn();
      throw new Error("no");
    };
    const server = createServer(atomic(listener, { scheduler }) as RequestListener);
    const answer = await fetch(await listen(server));
    await expect(answer.text()).rejects.toThrow();
  });

  test("bad input", () => {
    expect(() => atomic(5 as never)).toThrow(TypeError);
    expect(() => atomic(async () => {}, { scheduler: {} as never })).toThrow(/scheduler/);
    expect(() => clientGone({} as never)).toThrow(TypeError);
  });

  test("Fastify: a handler that answers from a callback is over when it has answered", async () => {
    const { scheduler } = scheduling();
    const called = deferred();
    let answer = (): void => {};
    const app = Fastify({ forceCloseConnections: true });
    app.get(
      "/",
      atomic(
        (_request: object, reply: FastifyReply) => {
          answer = () => void reply.send("paid");
          called.resolve();
        },
        { scheduler },
      ) as never,
    );
    await app.listen({ port: 0, host: "127.0.0.1" });
    const asking = fetch(await listen(app.server));
    await called.promise;
    await turn();
    expect(scheduler.size).toBe(1);
    answer();
    expect(await (await asking).text()).toBe("paid");
    await scheduler.waitAndClose();
  });

  test("Express: a handler of errors has a client, too", async () => {
    const { scheduler } = scheduling();
    let gone: AbortSignal | undefined;
    const onError: express.ErrorRequestHandler = async (_error, request, response, _next) => {
      gone = clientGone(request);
      await once(request.resume(), "close");
      response.status(418).end();
    };
    const app = express().use(
      (_request: express.Request, _response: express.Response, next: express.NextFunction) =>
        next(new Error("no")),
      atomic(onError, { scheduler }) as express.ErrorRequestHandler,
    );
    const url = await listen(createServer(app as RequestListener));
    expect((await fetch(url, { method: "POST", body: "x" })).status).toBe(418);
    expect(gone?.aborted).toBe(false);
  });

  test("an error after the end leaves the answer whole", async () => {
    const { scheduler, told } = scheduling();
    const paid = "paid".repeat(1e6);
    const listener = (_request: IncomingMessage, response: ServerResponse): void => {
      response.end(paid);
      throw new Error("no");
    };
    const answer = await fetch(
      await listen(createServer(atomic(listener, { scheduler }) as RequestListener)),
    );
    expect(await answer.text()).toBe(paid);
    expect(told).toHaveLength(1);
  });
});
