/**
 * What has arrived at a port and was not read yet, without waiting for the event loop to bring it.
 */
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";

export function* readPort<Message>(port: MessagePort): Generator<Message> {
  for (let entry = receiveMessageOnPort(port); entry !== undefined; entry = receiveMessageOnPort(port)) {
    yield entry.message as Message;
  }
}
