/**
 * What carries messages to the worker of an actor: a thread or a child process.
 */
import type { Loss } from "../core/errors.ts";
import type { FromActor, ToActor } from "../wire/actor-messages.ts";
import type { CallFate } from "../wire/call-counts.ts";

export interface Channel {
  /** Whether what is listed by `transfer()` moves. Else it is copied. */
  readonly canMove: boolean;
  /** @throws what cannot be copied */
  post(message: ToActor, transfer: readonly object[]): void;
  /** Whether the worker holds this process. */
  hold(holds: boolean): void;
  /** Ends it at once. `gone` will be told. */
  kill(): void;
  /** Of what has this number, while `gone` is told. */
  fateOf(number: number | undefined): CallFate;
}

export interface ChannelEvents {
  message(message: FromActor): void;
  /** Told once, after the last message. */
  gone(loss: Loss): void;
}
