/**
 * Whether the client of a request still waits.
 */
import type { IncomingMessage, ServerResponse } from "node:http";

interface Raw {
  readonly raw?: unknown;
}

const signals = new WeakMap<object, AbortSignal>();

/** Node's own request or response behind that of a framework. */
export function rawOf(value: unknown): object | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { raw } = value as Raw;
  return typeof raw === "object" && raw !== null ? raw : value;
}

/** Looks at a request from now on. */
export function watchClient(request: unknown, response: unknown): void {
  const [req, res] = [rawOf(request), rawOf(response) as ServerResponse | undefined];
  if (req === undefined || typeof res?.once !== "function" || signals.has(req)) return;
  const controller = new AbortController();
  signals.set(req, controller.signal);
  signals.set(res, controller.signal);
  // `close` comes once, at the end of every response; one that was sent as a whole has `writableFinished` then, or, with HTTP/2, at
  // least `writableEnded`.
  const closed = (): void => {
    const { writableFinished = res.writableEnded } = res as Partial<ServerResponse>;
    if (writableFinished !== true) controller.abort(new DOMException("The client is gone", "AbortError"));
  };
  if (res.closed) closed();
  else res.once("close", closed);
}

/**
 * A signal that aborts when the client of this request leaves before it has its answer: for what may be skipped then. Node ends
 * no handler itself. Takes the request or the response of an `atomic` handler: Node's, Express's or Fastify's.
 *
 * @throws TypeError for a request that no `atomic` handler has.
 */
export function clientGone(
  request: IncomingMessage | ServerResponse | { readonly raw: IncomingMessage | ServerResponse },
): AbortSignal {
  const signal = signals.get(rawOf(request) ?? {});
  if (signal === undefined) {
    throw new TypeError(
      "clientGone: the first argument must be the request or response of an atomic handler",
    );
  }
  return signal;
}
