/**
 * Load shedding as a Fastify plugin. Fastify is not imported: a plugin is a function, and these are the parts of its interface
 * that are used.
 */
import { MESSAGE, shedding, type SheddingOptions, STATUS } from "./shedding.ts";

/** The parts of a Fastify instance that the plugin uses; Fastify 4 and 5. */
export interface FastifyLike {
  addHook(name: "onRequest", hook: (request: never, reply: never, done: () => void) => void): unknown;
  addHook(name: "onClose", hook: () => Promise<void>): unknown;
}

interface Request {
  readonly raw: { readonly url?: string | undefined; readonly method?: string | undefined };
}

interface Reply {
  header(name: string, value: number): this;
  code(status: number): this;
  send(body: object): unknown;
}

/**
 * A Fastify plugin that answers 503 with `Retry-After` while a limit is broken, before anything else of the request runs. It holds for
 * the whole instance, not only for the scope that registers it. A monitor that it made stops with the instance.
 *
 * @throws TypeError, RangeError (the rejection of `register`) for bad options, or no limit.
 * @example
 * ```js
 * import fastify from "fastify";
 * import { fastifyShedLoad } from "offloop/http";
 *
 * const app = fastify();
 * app.register(fastifyShedLoad, { maxLagMs: 500, exempt: ({ raw }) => raw.url === "/health" });
 * app.get("/", () => "hello");
 * console.log((await app.inject("/")).statusCode); // => 200
 * const end = Date.now() + 900;
 * while (Date.now() < end);
 * const refused = await app.inject("/");
 * console.log(refused.statusCode, refused.headers["retry-after"]); // => 503 1
 * await app.close();
 * ```
 */
export function fastifyShedLoad(
  app: FastifyLike,
  options: SheddingOptions<Request>,
  done: (error?: Error) => void,
): void {
  try {
    // Fastify hands its own options of a registration over as well.
    const {
      prefix: _prefix,
      logLevel: _logLevel,
      logSerializers: _logSerializers,
      ...own
    } = options as Registered;
    const { monitor, refusal } = shedding<Request>(own, "fastifyShedLoad");
    app.addHook("onRequest", (request, reply: Reply, next) => {
      const refused = refusal(request);
      if (refused === undefined) return next();
      const body = { statusCode: STATUS, error: "Service Unavailable", message: MESSAGE };
      reply.header("retry-after", refused.retryAfterSeconds).code(STATUS).send(body);
    });
    if (own.monitor === undefined) {
      app.addHook("onClose", () => monitor.stop());
    }
  } catch (error) {
    return done(error as Error);
  }
  done();
}

type Registered = SheddingOptions<Request> & {
  prefix?: unknown;
  logLevel?: unknown;
  logSerializers?: unknown;
};

// As Fastify's plugin guide has it: without an own scope, so that the hook sees every request.
Object.assign(fastifyShedLoad, {
  [Symbol.for("skip-override")]: true,
  [Symbol.for("fastify.display-name")]: "offloop",
});
