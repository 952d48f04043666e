/**
 * What Node's IPC channel does badly, mended on both of its ends.
 *
 * 1. It reads a message where nobody can catch: one that cannot be read, such as a list of 1 600 links on Node 22 and 24, ends the
 *    process that receives it, be it main. So a message with nested data is sealed into bytes, which always arrive, and
 *    opened under a `try`. Plain values and flat binary data have nothing to fail and are not sealed: sealing copies.
 * 2. It makes host objects (ports, keys, blobs) into empty objects without a word, and views of shared memory into copies. Sealing
 *    refuses them.
 * 3. Its views lie in the memory of the whole message. They are cut to themselves, as everywhere.
 * 4. What functions captured would not arrive as it was. It is sealed apart (`definitions.ts`).
 * 5. Anyone's `process.send()` uses it too. What does not bear this worker's key is left alone.
 */
import { deserialize } from "node:v8";
import { openDefinitions, sealDefinitions } from "./definitions.ts";
import { callCount } from "./frames.ts";
import {
  type CallRange,
  CALLS,
  type Calls,
  type FromWorker,
  type FunctionDefinition,
  HEADER,
  type Results,
  type ToWorker,
  type WholeCall,
} from "./messages.ts";
import { isShared, serializeForProcess } from "./shared-memory.ts";
import { cutToItself } from "./values.ts";

type Message = ToWorker | FromWorker;

/** What is on the channel: the key of this worker, and the message or its bytes. */
export interface Envelope {
  readonly offloop: number;
  readonly content: Message | Uint8Array;
  /** Which calls or results the bytes hold: to be known when they cannot be read. */
  readonly calls?: CallRange;
}

/** The message, ready for `send`. @throws TravelError for a function that cannot go to a process; what the serializer throws */
export function seal(whole: Message, key: number): Envelope {
  const message = withDefinitions(whole, (functions) => sealDefinitions(functions) as never);
  if (!hasNested(message)) return { offloop: key, content: message };
  const content = serializeForProcess(message);
  return "type" in message ? { offloop: key, content } : { offloop: key, content, calls: rangeOf(message) };
}

/** Whether it was sealed with that key, and not by code that happens to send something alike. */
export function isOurs(received: unknown, key: number): received is Envelope {
  return typeof received === "object" && received !== null && (received as Envelope).offloop === key;
}

/** Undefined when it cannot be read on this side; `unreadable` is told why. */
export function open<M extends Message>(
  { content }: Envelope,
  unreadable: (cause: unknown) => void,
): M | undefined {
  try {
    const message = (content instanceof Uint8Array ? deserialize(content) : content) as M;
    cutViews(message);
    return withDefinitions(message, (bytes) => openDefinitions(bytes as never)) as M;
  } catch (cause) {
    unreadable(cause);
    return undefined;
  }
}

type Convert = (functions: readonly FunctionDefinition[]) => readonly FunctionDefinition[];

function withDefinitions(message: Message, convert: Convert): Message {
  if (!("type" in message)) return message;
  if (message.type === "define") return { ...message, functions: convert(message.functions) };
  if (message.type !== "start") return message;
  const { initializer, finalizer } = message;
  const call = (whole: WholeCall): WholeCall => ({ ...whole, functions: convert(whole.functions) });
  return {
    type: "start",
    ...(initializer && { initializer: call(initializer) }),
    ...(finalizer && { finalizer: call(finalizer) }),
  };
}

/** The list in a message that holds what users gave, among numbers of ours, and where in it that begins. */
function valuesOf(message: Message): readonly [values: unknown[], from: number] {
  if (!("type" in message)) return [message as readonly unknown[] as unknown[], HEADER];
  const initializer = message.type === "start" ? message.initializer : undefined;
  return [initializer === undefined ? [] : (initializer.args as unknown[]), 0];
}

function hasNested(message: Message): boolean {
  // An error's fields can be anything.
  if ("error" in message || "reason" in message) return true;
  if (!("type" in message) && message[0] === CALLS && hasStores(message)) return true;
  const [values, from] = valuesOf(message);
  for (let at = from; at < values.length; at++) if (isNested(values[at])) return true;
  return false;
}

function hasStores([, , extras]: Calls): boolean {
  return extras !== 0 && Object.values(extras).some(({ stores }) => stores !== undefined);
}

function isNested(value: unknown): boolean {
  return typeof value === "object" && value !== null && !(ArrayBuffer.isView(value) && !isShared(value));
}

function cutViews(message: Message): void {
  const [values, from] = valuesOf(message);
  for (let at = from; at < values.length; at++) {
    const value = values[at];
    if (ArrayBuffer.isView(value)) values[at] = cutToItself(value);
  }
}

function rangeOf(message: Calls | Results): CallRange {
  const first = message[1];
  return [first, (first + callCount(message)) | 0];
}
