/**
 * comlink's endpoints, many of them over one channel: a thread's port or a process's pipe, which no MessagePort can cross.
 *
 * comlink has no way for a request to end without its response, so calls to a worker that died would wait for ever. An endpoint
 * here knows which of its requests are unanswered, and {@link Endpoints.fail} answers them itself.
 */
import type { Endpoint } from "comlink";
import { type Answer, type ComlinkMessage, isRequest } from "./actor-messages.ts";

export type Send = (port: number, data: ComlinkMessage, transfer: readonly object[]) => void;

export class Endpoints {
  readonly #send: Send;
  readonly #open = new Map<number, NumberedEndpoint>();

  /** `send` may throw: the request is then rejected with that. */
  constructor(send: Send) {
    this.#send = send;
  }

  open(port: number): Endpoint {
    const endpoint = new NumberedEndpoint(
      (data, transfer) => this.#send(port, data, transfer),
      () => this.#open.delete(port),
    );
    this.#open.set(port, endpoint);
    return endpoint;
  }

  /** A message for one that was released meanwhile is for nobody. */
  receive(port: number, data: ComlinkMessage): void {
    this.#open.get(port)?.receive(data);
  }

  /** Answers all that is unanswered. */
  fail(answerOf: () => Answer): void {
    for (const endpoint of this.#open.values()) endpoint.fail(answerOf);
  }
}

type Listener = (event: { readonly data: ComlinkMessage }) => void;

class NumberedEndpoint {
  readonly #send: (data: ComlinkMessage, transfer: readonly object[]) => void;
  readonly #closed: () => void;
  readonly #listeners = new Set<Listener>();
  readonly #unanswered = new Set<string>();

  constructor(send: (data: ComlinkMessage, transfer: readonly object[]) => void, closed: () => void) {
    this.#send = send;
    this.#closed = closed;
  }

  postMessage(data: ComlinkMessage, transfer: readonly object[] = []): void {
    this.#send(data, transfer);
    if (data.type === "RELEASE") this.#closed();
    else if (isRequest(data) && data.id !== undefined) this.#unanswered.add(data.id);
  }

  addEventListener(_type: "message", listener: Listener): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: "message", listener: Listener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size === 0) this.#closed();
  }

  receive(data: ComlinkMessage): void {
    if (data.id !== undefined) this.#unanswered.delete(data.id);
    for (const listener of this.#listeners) listener({ data });
  }

  fail(answerOf: () => Answer): void {
    for (const id of this.#unanswered) this.receive({ id, type: "RAW", value: answerOf() });
  }
}
