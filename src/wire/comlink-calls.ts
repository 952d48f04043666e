/**
 * Calls of an object's methods over comlink, from either side. What is exposed is not the object but a face with one method, so
 * that errors come back as themselves, Buffers stay Buffers and `transfer()` is this library's.
 */
import { expose, type Endpoint, transfer as moveWith, wrap } from "comlink";
import { SerializationError } from "../core/errors.ts";
import { type ActorMarks, type Answer } from "./actor-messages.ts";
import { type DecodeContext, decodeError, encodeError } from "./error-codec.ts";
import { findUncloneable } from "./uncloneable.ts";
import { packValues, unpackValues } from "./values.ts";

/** What is exposed. `method`: undefined calls the object itself. */
interface Face {
  call(method: string | undefined, marks: ActorMarks, ...values: unknown[]): Promise<Answer>;
}

/** Makes what stands for a callback of the other side. */
export type RemoteOf = (port: number, methods: readonly string[] | undefined) => unknown;

export interface Exposed {
  readonly target: object;
  readonly remoteOf: RemoteOf;
  /** Runs the call; there may be something around it. */
  readonly run: (call: () => unknown) => unknown;
}

export function exposeAt(endpoint: Endpoint, { target, remoteOf, run }: Exposed): void {
  const face: Face = {
    async call(method, marks, ...values) {
      try {
        const args = unpackArguments(values, marks, remoteOf);
        const fn = method === undefined ? target : (target as Record<string, unknown>)[method];
        if (typeof fn !== "function") throw new TypeError(`there is no method ${String(method)} any more`);
        const result: unknown = await run(() => Reflect.apply(fn, target, args) as unknown);
        if (result === target) throw new SerializationError("result", "result", ITSELF);
        return packResult(result);
      } catch (error) {
        return { kind: "error", error: encodeError(error) };
      }
    },
  };
  expose(face, endpoint);
}

/** Of methods that can be chained. A copy would be another object. */
const ITSELF = "the object itself, which stays where it is";

function packResult(result: unknown): Answer {
  const {
    values,
    marks = {},
    transfer = [],
  } = packValues([result], () => {
    throw new SerializationError("result", "result", "a function");
  });
  return moveWith({ kind: "value", values: [...values], marks }, [...transfer] as never[]);
}

/** The answer of a call whose result cannot be copied. */
export function uncloneable(answer: unknown, cause: unknown): Answer {
  const value = (answer as { values?: unknown[] } | undefined)?.values?.[0];
  const { path, what } = findUncloneable(value, "result") ?? { path: "result", what: String(cause) };
  return { kind: "error", error: encodeError(new SerializationError("result", path, what, cause)) };
}

export type Call = (method: string | undefined, args: readonly unknown[]) => Promise<unknown>;

/** Without it comlink would release the endpoint of a remote that is collected during its last call, and the call would hang. */
const called = new Set<object>();

/** Calls what is exposed at the endpoint's other end. */
export function callsOver(endpoint: Endpoint, pack: PackArguments, context: DecodeContext): Call {
  const face = wrap<Face>(endpoint);
  return async (method, args) => {
    const { values, marks, transfer, unsent } = pack(args);
    const call = {};
    called.add(Object.assign(call, { face }));
    try {
      const answer = await face.call(method, moveWith(marks, [...transfer] as never[]), ...values);
      if (answer.kind !== "unsent") return read(answer, context);
      unsent?.();
      return notSent(values, answer.cause);
    } finally {
      called.delete(call);
    }
  };
}

function read(answer: Exclude<Answer, { kind: "unsent" }>, context: DecodeContext): unknown {
  switch (answer.kind) {
    case "value":
      return unpackValues(answer.values, answer.marks, () => undefined)[0];
    case "error":
      throw decodeError(answer.error, context);
    case "rejected":
      throw answer.reason;
  }
}

/** `values`: as they were packed. A callback is none of them. */
export function notSent(values: readonly unknown[], cause: unknown): never {
  for (const [index, value] of values.entries()) {
    const culprit = findUncloneable(value, `args[${index}]`);
    if (culprit) throw new SerializationError("argument", culprit.path, culprit.what, cause);
  }
  throw new SerializationError("argument", "an argument", String(cause), cause);
}

export interface PackedArguments {
  readonly values: readonly unknown[];
  readonly marks: ActorMarks;
  readonly transfer: readonly object[];
  /** Takes back what was opened for them, because they cannot be sent. */
  readonly unsent?: () => void;
}

export type PackArguments = (args: readonly unknown[]) => PackedArguments;

/** The argument's callbacks become numbers of endpoints. */
export function packArguments(
  args: readonly unknown[],
  callbacks: NonNullable<ActorMarks["callbacks"]> = [],
): PackedArguments {
  const plain = args.slice();
  for (const { index } of callbacks) plain[index] = null;
  const packed = packValues(plain, (fn) => {
    const at = plain.indexOf(fn);
    const what = "a function, which stays where it is: give it as proxy(fn) to have it called there";
    throw new SerializationError("argument", `args[${at}]`, what);
  });
  return {
    values: packed.values,
    marks: { ...packed.marks, ...(callbacks.length > 0 && { callbacks }) },
    transfer: packed.transfer ?? [],
  };
}

export function unpackArguments(values: unknown[], marks: ActorMarks, remoteOf: RemoteOf): unknown[] {
  const args = unpackValues(values, marks, () => undefined);
  for (const { index, port, methods } of marks.callbacks ?? []) args[index] = remoteOf(port, methods);
  return args;
}
