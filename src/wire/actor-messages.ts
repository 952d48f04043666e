/**
 * Every message between main and the worker of an actor. What is said over comlink's endpoints is comlink's; the rest begins and
 * ends the worker's life.
 */
import type { WireError } from "./error-codec.ts";
import type { FunctionDefinition } from "./messages.ts";
import type { Marks } from "./values.ts";

/** The endpoint of the actor itself. Those of callbacks are numbered from 1. */
export const ACTOR_PORT = 0;

/** Which arguments are callbacks: where they are, their endpoint, and their methods if they are objects. */
export interface ActorMarks extends Marks {
  readonly callbacks?: readonly {
    readonly index: number;
    readonly port: number;
    readonly methods: readonly string[] | undefined;
  }[];
}

export type ToActor =
  /** Of the constructor. Once: they may have moved here, and the start may need another definition. */
  | { readonly type: "arguments"; readonly values: readonly unknown[]; readonly marks: ActorMarks }
  | { readonly type: "start"; readonly definition: FunctionDefinition }
  | EndpointMessage
  /** In order with the calls. */
  | { readonly type: "dispose" };

export type FromActor =
  | { readonly type: "ready"; readonly methods: readonly string[] }
  | {
      readonly type: "failed";
      readonly error: WireError;
      /** Nothing of the class has run. */
      readonly notLoaded?: { readonly module: string | undefined };
    }
  | EndpointMessage
  | { readonly type: "disposed"; readonly error?: WireError }
  /** A process says why it dies; of a thread Node tells. */
  | { readonly type: "crashed"; readonly error: WireError };

export interface EndpointMessage {
  readonly type: "endpoint";
  readonly port: number;
  readonly data: ComlinkMessage;
  /** From a callback of a call that waits for it: it must not wait for that call. */
  readonly inside?: boolean;
}

/** Requests and responses of comlink (its `protocol.ts`), as far as they are looked at here. */
export interface ComlinkMessage {
  readonly id?: string;
  readonly type: string;
  readonly value?: unknown;
  readonly argumentList?: readonly { readonly value: unknown }[];
}

export function isRequest({ type }: ComlinkMessage): boolean {
  return type !== "RAW" && type !== "HANDLER";
}

/** What a call came to, as comlink's return value. Errors are encoded: comlink's own way keeps their text alone. */
export type Answer =
  | { readonly kind: "value"; readonly values: unknown[]; readonly marks: Marks }
  | { readonly kind: "error"; readonly error: WireError }
  /** Made on the caller's own side: the other one is gone. */
  | { readonly kind: "rejected"; readonly reason: unknown }
  /** Made there, too: the request could not be sent. */
  | { readonly kind: "unsent"; readonly cause: unknown };
