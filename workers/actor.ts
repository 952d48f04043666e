/**
 * The other side of an actor: one object, and its calls in order. An error of the constructor ends nothing: main says what is next.
 */
import { load } from "../src/travel/load.ts";
import { NotLoaded } from "../src/travel/not-loaded.ts";
import type { FunctionReference } from "../src/travel/reference.ts";
import { ACTOR_PORT, type ComlinkMessage, type ToActor } from "../src/wire/actor-messages.ts";
import {
  callsOver,
  exposeAt,
  packArguments,
  type RemoteOf,
  unpackArguments,
} from "../src/wire/comlink-calls.ts";
import { Endpoints } from "../src/wire/comlink-endpoint.ts";
import { encodeError, encodePlainly } from "../src/wire/error-codec.ts";
import { methodsOf, remoteObject } from "../src/wire/remote-object.ts";
import { openChannel } from "./actor-channel.ts";
import { Mailbox } from "./mailbox.ts";
import { prepare } from "./prepare.ts";

type Start = Extract<ToActor, { type: "start" }>;

let args: unknown[] = [];
let actor: object | undefined;
let prepared: Promise<unknown> | undefined;

const channel = openChannel(receive);
const endpoints = new Endpoints((port, data, transfer) => {
  channel.post({ type: "endpoint", port, data }, transfer);
  if (port === ACTOR_PORT) mailbox.answered(data.id, channel.left);
});
const mailbox = new Mailbox<ComlinkMessage>(channel.counts, (data) => endpoints.receive(ACTOR_PORT, data));
const own = endpoints.open(ACTOR_PORT);

const remoteOf: RemoteOf = (port, methods) => {
  const context = { where: "offloop (main)", findClass: () => undefined };
  return remoteObject(
    methods,
    callsOver(endpoints.open(port), (given) => packArguments(given), context),
  );
};

function receive(message: ToActor): void {
  switch (message.type) {
    case "arguments":
      args = unpackArguments([...message.values], message.marks, remoteOf);
      return;
    case "start":
      return void start(message);
    case "endpoint":
      if (message.port !== ACTOR_PORT) return endpoints.receive(message.port, message.data);
      return mailbox.receive(message.data, message.inside === true);
    case "dispose":
      return mailbox.last(dispose);
  }
}

async function start({ definition: { reference, name } }: Start): Promise<void> {
  try {
    await (prepared ??= prepare(channel.boot));
    const Class = (await load(reference as FunctionReference, name)) as unknown as new (
      ...given: unknown[]
    ) => object;
    channel.counts.begin();
    try {
      actor = new Class(...args);
    } finally {
      channel.counts.end();
    }
    args = [];
    exposeAt(own, { target: actor, remoteOf, run: (call) => call() });
    channel.post({ type: "ready", methods: methodsOf(actor) ?? [] });
  } catch (thrown) {
    const isMissing = thrown instanceof NotLoaded;
    const error = encodeError(isMissing ? thrown.cause : thrown);
    const more = isMissing ? { notLoaded: { module: thrown.module } } : {};
    try {
      channel.post({ type: "failed", error, ...more });
    } catch {
      channel.post({ type: "failed", error: encodePlainly(error), ...more });
    }
  }
}

async function dispose(): Promise<void> {
  try {
    const target = actor as Record<PropertyKey, unknown>;
    const keys = [Symbol.asyncDispose, Symbol.dispose, "dispose"];
    // Others may have getters, which are none of our business.
    const key = keys.find((name) => typeof target[name] === "function");
    if (key !== undefined) await (target[key] as () => unknown)();
    channel.post({ type: "disposed" });
  } catch (thrown) {
    const error = encodeError(thrown);
    try {
      channel.post({ type: "disposed", error });
    } catch {
      channel.post({ type: "disposed", error: encodePlainly(error) });
    }
  }
  await channel.flushed();
  process.exit();
}
