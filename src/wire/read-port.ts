/**
 * What has arrived at a port and was not read yet, without waiting for the event loop to bring it.
 */
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";

/** What cannot be read is told to `unreadable`, as the port's "messageerror" event would, and skipped. */
export function* readPort<Message>(
  port: MessagePort,
  unreadable: (cause: unknown) => void,
): Generator<Message> {
  const next = (): { readonly message?: unknown } | undefined => {
    try {
      return receiveMessageOnPort(port);
    } catch (cause) {
      unreadable(cause);
      return {};
    }
  };
  for (let entry = next(); entry !== undefined; entry = next()) {
    if (entry.message !== undefined) yield entry.message as Message;
  }
}
