/**
 * What Node's IPC channel does badly, mended on both of its ends.
 *
 * 1. It reads a message where nobody can catch: one that cannot be read, such as a list of 1 600 links on Node 22 and 24, ends the
 *    process that receives it, be it main. So a message with nested data is sealed into bytes, which always arrive, and
 *    opened under a `try`. Plain values and flat binary data have nothing to fail and are not sealed: sealing copies.
 * 2. It makes host objects (ports, keys, blobs) into empty objects without a word. Sealing refuses them.
 * 3. Its views lie in the memory of the whole message. They are cut to themselves, as everywhere.
 * 4. Anyone's `process.send()` uses it too. What is not ours is left alone.
 */
import { deserialize, serialize } from "node:v8";
import { type FromWorker, RESULTS, type ToWorker } from "./messages.ts";
import { cutToItself } from "./values.ts";

type Message = ToWorker | FromWorker;

/** What is on the channel: a mark by which ours are known, and the message or its bytes. */
interface Envelope {
  readonly offloop: Message | Uint8Array;
}

/** The message, ready for `send`. @throws what the serializer throws */
export function seal(message: Message): Envelope {
  return { offloop: hasNested(message) ? serialize(message) : message };
}

export function isOurs(received: unknown): received is Envelope {
  return typeof received === "object" && received !== null && "offloop" in received;
}

/** Undefined when it cannot be read on this side; `unreadable` is told why. */
export function open<M extends Message>(
  { offloop: content }: Envelope,
  unreadable: (cause: unknown) => void,
): M | undefined {
  try {
    const message = (content instanceof Uint8Array ? deserialize(content) : content) as M;
    cutViews(message);
    return message;
  } catch (cause) {
    unreadable(cause);
    return undefined;
  }
}

/** The lists in a message that hold what users gave: the arguments of each call, or results among their numbers. */
function valueLists(message: Message): unknown[][] {
  if (!("type" in message)) {
    const entries = message as readonly unknown[] as unknown[];
    return message[0] === RESULTS ? [entries] : entries.filter((entry) => Array.isArray(entry));
  }
  const initializer = message.type === "start" ? message.initializer : undefined;
  return initializer === undefined ? [] : [initializer.args as unknown[]];
}

function hasNested(message: Message): boolean {
  // An error's fields can be anything.
  if ("error" in message || "reason" in message) return true;
  return valueLists(message).some((values) => values.some(isNested));
}

function isNested(value: unknown): boolean {
  return typeof value === "object" && value !== null && !ArrayBuffer.isView(value);
}

function cutViews(message: Message): void {
  for (const values of valueLists(message)) {
    for (const [index, value] of values.entries()) {
      if (ArrayBuffer.isView(value)) values[index] = cutToItself(value);
    }
  }
}
