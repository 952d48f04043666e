/**
 * One life of an actor: its worker from the start to the end. Whatever is called here settles, at the latest when the worker is gone.
 */
import type { Endpoint } from "comlink";
import { assertNever, type Loss } from "../core/errors.ts";
import type { AnyFunction, FunctionHandle } from "../core/function-handle.ts";
import { findErrorClass } from "../travel/error-class.ts";
import { ACTOR_PORT, type ActorMarks, type ComlinkMessage, type FromActor } from "../wire/actor-messages.ts";
import {
  type Call,
  callsOver,
  exposeAt,
  notSent,
  packArguments,
  type PackedArguments,
} from "../wire/comlink-calls.ts";
import { Endpoints } from "../wire/comlink-endpoint.ts";
import { type DecodeContext, decodeError } from "../wire/error-codec.ts";
import { methodsOf } from "../wire/remote-object.ts";
import { type CallbackChain, currentCallbacks, runAsCallback } from "./callback-chain.ts";
import type { Channel, ChannelEvents } from "./channel.ts";
import type { HeldCall } from "./lost-call.ts";
import { isProxied, refuseMeaningless } from "./proxy.ts";

export interface NotLoadedThere {
  readonly module: string | undefined;
}

export interface ActorWorkerEvents {
  ready(methods: readonly string[]): void;
  failed(error: unknown, notLoaded: NotLoadedThere | undefined): void;
  /** The object's own disposal has ended. */
  disposed(failure: { readonly error: unknown } | undefined): void;
  answered(): void;
  /** Told once. What is unanswered waits for {@link ActorWorker.fail}. */
  gone(loss: Loss): void;
}

export interface ActorWorkerSetup {
  /** What the chain of calls knows it by. */
  readonly actor: object;
  readonly Class: AnyFunction;
  readonly name: string;
  open(events: ChannelEvents): Channel;
}

interface Sent {
  /** None: it goes ahead of the others. */
  readonly number: number | undefined;
  readonly method: string;
}

export class ActorWorker {
  readonly #channel: Channel;
  readonly #endpoints: Endpoints;
  readonly #context: DecodeContext;
  readonly #actor: object;
  readonly #name: string;
  readonly #call: Call;
  /** The chains of the calls that are unanswered, in their order. */
  readonly #chains = new Map<object, CallbackChain>();
  /** What has left and is unanswered, by comlink's numbers. */
  readonly #sent = new Map<string | undefined, Sent>();
  /** The next number; 0 is the constructor. See call-counts.ts. */
  #next = 1;
  #disposal: number | undefined;
  #holds = 1;
  #callbacks = 0;

  /** @throws what starting a worker throws */
  constructor({ actor, Class, name, open }: ActorWorkerSetup, events: ActorWorkerEvents) {
    this.#actor = actor;
    this.#name = name;
    this.#context = {
      where: `offloop (actor ${name})`,
      findClass: (className, text) => findErrorClass(Class, className, text),
    };
    this.#endpoints = new Endpoints((port, data, transfer) => {
      const inside = port === ACTOR_PORT && currentCallbacks().some((link) => link.actor === actor);
      this.#channel.post({ type: "endpoint", port, data, ...(inside && { inside }) }, transfer);
      if (port === ACTOR_PORT) this.#note(data, inside);
    });
    this.#channel = open({
      message: (message) => this.#receive(message, events),
      gone: (loss) => {
        events.gone(loss);
        this.#endpoints.end();
      },
    });
    // Behind what may throw: see Endpoints.end().
    const endpoint: Endpoint = this.#endpoints.open(ACTOR_PORT);
    this.#call = callsOver(endpoint, (args) => this.#pack(args), this.#context);
  }

  /** @throws SerializationError */
  give(args: readonly unknown[]): void {
    const { values, marks, transfer, unsent } = this.#pack(args);
    try {
      this.#channel.post({ type: "arguments", values, marks }, transfer);
    } catch (cause) {
      unsent?.();
      notSent(values, cause);
    }
  }

  /** Constructs the object, from what it was given. Once more if that definition led nowhere. @throws TravelError */
  start({ id, name, reference }: FunctionHandle): void {
    this.#channel.post({ type: "start", definition: { id, name, reference: reference! } }, []);
  }

  async call(method: string, args: readonly unknown[]): Promise<unknown> {
    const key = {};
    this.#chains.set(key, currentCallbacks());
    this.#hold(1);
    try {
      return await this.#call(method, args);
    } finally {
      this.#chains.delete(key);
      this.#hold(-1);
    }
  }

  /** Behind the calls before it. `disposed` will be told. */
  dispose(): void {
    this.#hold(1);
    this.#channel.post({ type: "dispose" }, []);
    this.#disposal = this.#next++;
  }

  /** Rejects whatever is unanswered. */
  fail(reasonOf: (call: HeldCall) => unknown): void {
    this.#endpoints.fail((id) => {
      const { number, method } = this.#sent.get(id)!;
      const reason = reasonOf({ name: `${this.#name}.${method}`, fate: () => this.#channel.fateOf(number) });
      return { kind: "rejected", reason };
    });
  }

  /** While `gone` is told. */
  get construction(): HeldCall {
    return { name: `new ${this.#name}()`, fate: () => this.#channel.fateOf(0) };
  }

  /** While `gone` is told. */
  get disposal(): HeldCall {
    return { name: `${this.#name}.dispose`, fate: () => this.#channel.fateOf(this.#disposal) };
  }

  kill(): void {
    this.#channel.kill();
  }

  #receive(message: FromActor, events: ActorWorkerEvents): void {
    switch (message.type) {
      case "ready":
        this.#hold(-1);
        return events.ready(message.methods);
      case "failed":
        return events.failed(decodeError(message.error, this.#context), message.notLoaded);
      case "endpoint":
        // A response, whatever it says: main is asked nothing at this one.
        if (message.port === ACTOR_PORT) {
          this.#sent.delete(message.data.id);
          events.answered();
        }
        return this.#endpoints.receive(message.port, message.data);
      case "disposed": {
        const { error } = message;
        return events.disposed(error && { error: decodeError(error, this.#context) });
      }
      case "crashed":
        // Its channel keeps it for the loss.
        return;
      default:
        assertNever(message);
    }
  }

  #note({ id, argumentList }: ComlinkMessage, inside: boolean): void {
    // What is exposed has one method; the actor's is its first argument.
    const method = String(argumentList?.[0]?.value);
    this.#sent.set(id, { number: inside ? undefined : this.#next++, method });
  }

  #pack(args: readonly unknown[]): PackedArguments {
    refuseMeaningless(args, this.#channel.canMove);
    const callbacks = this.#offer(args);
    const unsent = (): void => {
      for (const { port } of callbacks) this.#endpoints.close(port);
    };
    try {
      return { ...packArguments(args, callbacks), unsent };
    } catch (error) {
      unsent();
      throw error;
    }
  }

  /** Opens an endpoint for each callback. comlink releases it when the worker has forgotten it. */
  #offer(args: readonly unknown[]): NonNullable<ActorMarks["callbacks"]> {
    return args.flatMap((target, index) => {
      if (!isProxied(target)) return [];
      const port = ++this.#callbacks;
      const run = (call: () => unknown): Promise<unknown> => this.#runCallback(call);
      exposeAt(this.#endpoints.open(port), { target, remoteOf: () => undefined, run });
      return [{ index, port, methods: methodsOf(target) }];
    });
  }

  async #runCallback(call: () => unknown): Promise<unknown> {
    // It is called during the first of the calls that are unanswered: they run one after the other.
    const [waiting] = this.#chains.entries();
    if (waiting === undefined) return runAsCallback([], call);
    const [key, chain] = waiting;
    let isRunning = true;
    const link = { actor: this.#actor, isWaiting: () => isRunning && this.#chains.has(key) };
    try {
      return await runAsCallback([...chain, link], call);
    } finally {
      isRunning = false;
    }
  }

  #hold(change: 1 | -1): void {
    this.#holds += change;
    if (this.#holds === 0) this.#channel.hold(false);
    else if (this.#holds === 1 && change === 1) this.#channel.hold(true);
  }
}
