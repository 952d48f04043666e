/**
 * A worker's message, to whom it concerns.
 */
import { assertNever } from "../core/errors.ts";
import { warn } from "../core/warn.ts";
import type { WorkerEvents } from "../dispatch/worker-link.ts";
import { decodeError } from "../wire/error-codec.ts";
import type { FromWorker } from "../wire/messages.ts";
import type { CallsOfWorker } from "./main-calls.ts";
import type { StartAgain } from "./start-again.ts";

export interface Recipients {
  readonly events: WorkerEvents;
  readonly startAgain: StartAgain;
  readonly calls: CallsOfWorker;
}

export function deliver(message: FromWorker, { events, startAgain, calls }: Recipients, where: string): void {
  if (!("type" in message)) return events.results(message);
  const context = { where, findClass: () => undefined };
  switch (message.type) {
    case "ready":
      return events.ready(message.nice);
    case "start-failed": {
      const error = decodeError(message.error, context);
      if (message.notLoaded === undefined) return events.startFailed(error);
      try {
        return startAgain(message.notLoaded.part, { ...message.notLoaded, error });
      } catch (refusal) {
        return events.startFailed(refusal);
      }
    }
    case "main-call":
    case "report":
      return calls.handle(message);
    case "refused":
      return events.unreadable({
        direction: "argument",
        cause: decodeError(message.error, context),
        calls: message.calls,
      });
    case "finished":
      if (message.error !== undefined) warnOfFinalizer(decodeError(message.error, context), where);
      // That it has finished, and why it crashed, is the link's own.
      return undefined;
    case "crashed":
      return undefined;
    default:
      return assertNever(message);
  }
}

/** Nobody awaits a finalizer, and what it did for the tasks is done: the worker ends all the same. */
export function warnOfFinalizer(error: unknown, where: string): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  warn("FINALIZER", `A finalizer failed in ${where}: ${text}`);
}
