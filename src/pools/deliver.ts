/**
 * A worker's message, to whom it concerns.
 */
import { assertNever } from "../core/errors.ts";
import type { WorkerEvents } from "../dispatch/worker-link.ts";
import { decodeError } from "../wire/error-codec.ts";
import type { FromWorker } from "../wire/messages.ts";

export function deliver(message: FromWorker, events: WorkerEvents, where: string): void {
  switch (message.type) {
    case "ready":
      return events.ready(message.nice);
    case "start-failed":
      return events.startFailed(decodeError(message.error, { where, findClass: () => undefined }));
    case "results":
      return events.results(message.results);
    case "refused":
      return events.unreadable("argument", decodeError(message.error, { where, findClass: () => undefined }));
    case "finished":
    case "crashed":
      // The link's own.
      return undefined;
    default:
      return assertNever(message);
  }
}
