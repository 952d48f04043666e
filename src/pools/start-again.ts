/**
 * A worker could not find its initializer or its finalizer: it is told to start again, with another way to them.
 */
import type { WorkerEvents } from "../dispatch/worker-link.ts";
import { decodeError } from "../wire/error-codec.ts";
import type { ToWorker, WireLoadFailure } from "../wire/messages.ts";
import type { WorkerSetup } from "./worker-setup.ts";

interface Starting {
  readonly setup: WorkerSetup;
  readonly events: WorkerEvents;
  /** @throws what the serializer throws */
  post(message: ToWorker): void;
}

export function startAgain(failure: WireLoadFailure, { setup, events, post }: Starting): void {
  const error = decodeError(failure.error, { where: "offloop (a worker)", findClass: () => undefined });
  try {
    post(setup.startAgain({ ...failure, error }));
  } catch (refused) {
    events.startFailed(refused);
  }
}
