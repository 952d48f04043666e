/**
 * Load shedding as `(request, response, next)`: for express, connect, polka, and plain `node:http`.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { MESSAGE, shedding, type SheddingOptions, STATUS } from "./shedding.ts";

export type Middleware<Request> = (request: Request, response: ServerResponse, next: () => void) => void;

/**
 * A middleware that answers 503 with `Retry-After` while a limit is broken, and calls `next` otherwise. It looks at the last second,
 * so one stall turns it on and a second later it is off again. Put it first: what stands before it is paid for by every request.
 *
 * @throws TypeError, RangeError for bad options, or no limit.
 * @example
 * ```js
 * import { createServer } from "node:http";
 * import { shedLoad } from "offloop/http";
 *
 * const shed = shedLoad({ maxLagMs: 500, exempt: ({ url }) => url === "/health" });
 * const server = createServer((request, response) => {
 *   shed(request, response, () => response.end("hello"));
 * });
 * server.listen(0, async () => {
 *   const url = `http://localhost:${server.address().port}`;
 *   console.log((await fetch(url)).status); // => 200
 *   const end = Date.now() + 900;
 *   while (Date.now() < end);
 *   const refused = await fetch(url);
 *   console.log(refused.status, refused.headers.get("retry-after")); // => 503 1
 *   console.log((await fetch(`${url}/health`)).status); // => 200
 *   server.close();
 *   server.closeAllConnections();
 * });
 * ```
 */
export function shedLoad<Request extends IncomingMessage = IncomingMessage>(
  options: SheddingOptions<Request>,
): Middleware<Request> {
  const { refusal } = shedding(options, "shedLoad");
  return (request, response, next) => {
    const refused = refusal(request);
    if (refused === undefined) return next();
    response.writeHead(STATUS, {
      "content-type": "text/plain; charset=utf-8",
      "retry-after": String(refused.retryAfterSeconds),
    });
    response.end(`${MESSAGE}\n`);
  };
}
