/**
 * comlink's endpoints, many of them over one channel: a thread's port or a process's pipe, which no MessagePort can cross.
 *
 * comlink has no way for a request to end without its response, so calls to a worker that died would wait for ever. An endpoint
 * here knows which of its requests are unanswered, and {@link Endpoints.fail} answers them itself. It does so with a request that cannot
 * be sent as well: comlink would forget neither it nor what waits for it.
 */
import type { Endpoint } from "comlink";
import { type Answer, type ComlinkMessage, isRequest } from "./actor-messages.ts";
import { encodePlainly } from "./error-codec.ts";
import { uncloneable } from "./comlink-calls.ts";

export type Send = (port: number, data: ComlinkMessage, transfer: readonly object[]) => void;

export class Endpoints {
  readonly #send: Send;
  readonly #open = new Map<number, NumberedEndpoint>();

  /** `send` may throw: a request then comes back as `unsent`, a response goes as the error that says why. */
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

  /** What the other side has never heard of. */
  close(port: number): void {
    this.#open.delete(port);
  }

  /**
   * The other side is gone. comlink's registry of finalizers holds each endpoint until what calls over it is collected: one that still
   * led to its channel would hold that for ever.
   */
  end(): void {
    for (const endpoint of this.#open.values()) endpoint.end();
    this.#open.clear();
  }

  /** A message for one that was released meanwhile is for nobody. */
  receive(port: number, data: ComlinkMessage): void {
    this.#open.get(port)?.receive(data);
  }

  /** Answers all that is unanswered. */
  fail(answerOf: (id: string) => Answer): void {
    for (const endpoint of this.#open.values()) endpoint.fail(answerOf);
  }
}

type Listener = (event: { readonly data: ComlinkMessage }) => void;

class NumberedEndpoint {
  #send: (data: ComlinkMessage, transfer: readonly object[]) => void;
  #closed: () => void;
  readonly #listeners = new Set<Listener>();
  readonly #unanswered = new Set<string>();

  constructor(send: (data: ComlinkMessage, transfer: readonly object[]) => void, closed: () => void) {
    this.#send = send;
    this.#closed = closed;
  }

  postMessage(data: ComlinkMessage, transfer: readonly object[] = []): void {
    if (!isRequest(data)) return this.#respond(data, transfer);
    try {
      this.#send(data, transfer);
    } catch (cause) {
      return this.receive({ ...(data.id && { id: data.id }), type: "RAW", value: { kind: "unsent", cause } });
    }
    if (data.type === "RELEASE") this.#closed();
    else if (data.id !== undefined) this.#unanswered.add(data.id);
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

  end(): void {
    this.#send = () => {};
    this.#closed = () => {};
    this.#listeners.clear();
    this.#unanswered.clear();
  }

  #respond(data: ComlinkMessage, transfer: readonly object[]): void {
    try {
      this.#send(data, transfer);
    } catch (cause) {
      this.#send({ ...data, value: instead(data.value as Answer, cause) }, []);
    }
  }

  fail(answerOf: (id: string) => Answer): void {
    for (const id of this.#unanswered) this.receive({ id, type: "RAW", value: answerOf(id) });
  }
}

/** Of an answer that cannot be copied. */
function instead(answer: Answer, cause: unknown): Answer {
  return answer.kind === "error"
    ? { kind: "error", error: encodePlainly(answer.error) }
    : uncloneable(answer, cause);
}
