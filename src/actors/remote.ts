/**
 * What stands for the actor here. One that is dropped without disposal is collected; the actor is then warned about and disposed of.
 */
import { forgetUnclosed, type Made, placeOf } from "../core/debug.ts";
import { warn } from "../core/warn.ts";
import { remoteObject } from "../wire/remote-object.ts";
import type { Actor } from "./actor.ts";
import { checkDisposeOptions, type CompleteActorOptions } from "./options.ts";

interface RemoteParts {
  readonly actor: Actor;
  readonly methods: readonly string[];
  readonly made: Made | undefined;
  readonly options: CompleteActorOptions;
}

interface Dropped extends Omit<RemoteParts, "methods"> {}

const dropped = new FinalizationRegistry<Dropped>(({ actor, made, options: { name } }) => {
  forgetUnclosed(made);
  if (["failed", "disposing", "disposed"].includes(actor.state)) return;
  const place = made === undefined ? "" : ` It was made${placeOf(made)}`;
  warn("UNCLOSED", `The actor ${name} was dropped without dispose(). It is disposed of now.${place}`);
  // Somebody may still wait for its last call, however long that takes.
  actor.dispose(Infinity).catch((error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    warn("UNCLOSED", `The disposal of the actor ${name}, which was dropped, failed: ${text}`);
  });
});

/** The leases of the calls that wait for a start: disposal would take them along, unlike those that a worker has. */
const waiting = new Set<object>();

async function holding(lease: object, call: Promise<unknown>): Promise<unknown> {
  const waits = { lease };
  waiting.add(waits);
  try {
    return await call;
  } finally {
    waiting.delete(waits);
  }
}

export function remoteOf({ actor, methods, made, options }: RemoteParts): object {
  // The remote, each method of it and each call that waits for a start hold this, and nothing else does: when it is collected, nobody can call the actor any more.
  const lease = { actor };
  dropped.register(lease, { actor, made, options });
  const names = methods.filter((name) => name !== "dispose" && name !== "then");
  const remote = remoteObject(names, (method, args) => {
    const isDown = ["down", "starting"].includes(lease.actor.state);
    const call = lease.actor.call(method!, args);
    return isDown ? holding(lease, call) : call;
  });
  const end = (timeoutMs: number): Promise<void> => {
    forgetUnclosed(made);
    return lease.actor.dispose(timeoutMs);
  };
  const dispose = (given: { timeoutMs?: number } = {}): Promise<void> => {
    checkDisposeOptions(given);
    return end(given.timeoutMs ?? options.disposeTimeoutMs);
  };
  Object.defineProperty(remote, "dispose", { value: dispose });
  Object.defineProperty(remote, Symbol.asyncDispose, { value: () => end(options.disposeTimeoutMs) });
  return Object.freeze(remote);
}
