/**
 * Messages of actors on Node's IPC channel, as bytes for the reasons that `ipc.ts` gives: a message that cannot be read would end the
 * process that receives it, host objects would lose what they are, and views would lie in the memory of the whole message.
 */
import { deserialize } from "node:v8";
import type { Answer, FromActor, ToActor } from "./actor-messages.ts";
import { openDefinitions, sealDefinitions } from "./definitions.ts";
import { serializeForProcess } from "./shared-memory.ts";
import { cutToItself } from "./values.ts";

export interface ActorEnvelope {
  /** The key of this worker: anyone's `process.send()` uses the channel, too. */
  readonly offloopActor: number;
  readonly bytes: Uint8Array;
}

/** @throws TravelError for a class that cannot go to a process; what the serializer throws */
export function sealForActor(message: ToActor | FromActor, key: number): ActorEnvelope {
  const ready =
    message.type === "start" ? { ...message, definition: sealDefinitions([message.definition]) } : message;
  return { offloopActor: key, bytes: serializeForProcess(ready) };
}

export function isOfActor(received: unknown, key: number): received is ActorEnvelope {
  return (
    typeof received === "object" &&
    received !== null &&
    (received as Partial<ActorEnvelope>).offloopActor === key
  );
}

/** @throws what V8 throws for bytes that it cannot read */
export function openForActor<M extends ToActor | FromActor>({ bytes }: ActorEnvelope): M {
  const message = deserialize(bytes) as ToActor | FromActor;
  if (message.type === "start") {
    const [definition] = openDefinitions(message.definition as unknown as Uint8Array);
    return { ...message, definition: definition! } as M;
  }
  if (message.type === "arguments") return { ...message, values: message.values.map(cut) } as ToActor as M;
  if (message.type !== "endpoint") return message as M;
  const { argumentList, value } = message.data;
  for (const argument of argumentList ?? []) {
    (argument as { value: unknown }).value = cut(argument.value);
  }
  const answer = value as Answer | undefined;
  if (answer?.kind === "value") answer.values[0] = cut(answer.values[0]);
  return message as M;
}

function cut(value: unknown): unknown {
  return ArrayBuffer.isView(value) ? cutToItself(value) : value;
}
