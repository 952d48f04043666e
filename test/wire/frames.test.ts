import { type AnyFunction, functionHandle, type FunctionHandle } from "#internal/core/function-handle";
import { Task, type TaskOwner } from "#internal/core/task";
import type { CallOptions } from "#internal/core/call-options";
import {
  callCount,
  CallReader,
  encodeWholeCall,
  FrameEncoder,
  type ResolveFunction,
} from "#internal/wire/frames";
import type { Calls } from "#internal/wire/messages";
import { transfer } from "#internal/wire/transfer";
import { unpackValues } from "#internal/wire/values";
import { FakeClock } from "#internal/testing/fake-clock";
import { describe, expect, test } from "vitest";

const owner: TaskOwner = { clock: new FakeClock(), cancel: () => false };

const handles = new Map<AnyFunction, FunctionHandle>();
const resolve: ResolveFunction = (fn) => {
  const handle = handles.get(fn) ?? functionHandle(fn, { url: `file:///${fn.name}.js` });
  handles.set(fn, handle);
  return handle;
};

function call(fn: AnyFunction, args: unknown[] = [], options: CallOptions = {}): Task<unknown> {
  return new Task(owner, resolve(fn), args, options);
}

interface Received {
  readonly seq: number;
  readonly taskId: number;
  readonly functionId: number;
  readonly args: unknown[];
  readonly extras: CallReader["extras"];
  readonly guarded: boolean;
}

function decodeCalls(calls: Calls): Received[] {
  const received: Received[] = [];
  const reader = new CallReader(calls);
  while (reader.next()) {
    const { seq, taskId, functionId, args, extras, guarded } = reader;
    received.push({ seq, taskId, functionId, args, extras, guarded });
  }
  return received;
}

const add = (a: number, b: number): number => a + b;
const double = (n: number): number => n * 2;
const apply = (fn: (n: number) => number, n: number): number => fn(n);

describe("frames", () => {
  test("any number of calls arrive in their order, with their arguments", () => {
    const encoder = new FrameEncoder(resolve);
    const tasks = [call(add, [1, 2]), call(double, [3]), call(add, []), call(double, [{ deep: [4] }])];
    const { calls, transfer: moved } = encoder.encode(tasks, 7);
    const received = decodeCalls(structuredClone(calls));
    expect(received).toEqual(
      tasks.map(({ id, handle, args }, index) => ({
        seq: 7 + index,
        taskId: id,
        functionId: handle.id,
        args,
        extras: undefined,
        guarded: false,
      })),
    );
    expect(callCount(calls)).toBe(4);
    expect(moved).toEqual([]);
  });

  test("no call is no call", () => {
    const { define, calls } = new FrameEncoder(resolve).encode([], 0);
    expect(define).toBeUndefined();
    expect(decodeCalls(calls)).toEqual([]);
  });

  test("a function is described until that has left, and then no more", () => {
    const encoder = new FrameEncoder(resolve);
    const described = (...fns: AnyFunction[]): unknown => ({
      type: "define",
      functions: fns
        .map((fn) => resolve(fn))
        .map(({ id, name }) => ({ id, name, reference: { url: `file:///${name}.js` } })),
    });
    expect(encoder.encode([call(add)], 0).define).toEqual(described(add));
    const { define } = encoder.encode([call(add)], 0);
    expect(define).toEqual(described(add));
    encoder.defined(define!);
    expect(encoder.encode([call(add)], 0).define).toBeUndefined();
    expect(encoder.encode([call(double), call(add)], 0).define).toEqual(described(double));
    // Another worker knows nothing.
    expect(new FrameEncoder(resolve).encode([call(add)], 0).define).toEqual(described(add));
  });

  test("within one frame a function is described once", () => {
    const { define } = new FrameEncoder(resolve).encode(
      [call(add), call(apply, [double, 1]), call(double), call(add)],
      0,
    );
    expect(define?.functions.map(({ name }) => name)).toEqual(["add", "apply", "double"]);
  });

  test("a function among the arguments is described too, and an id on the way", () => {
    const encoder = new FrameEncoder(resolve);
    const { define, calls } = encoder.encode([call(apply, [double, 21])], 0);
    expect(define?.functions.map(({ name }) => name)).toEqual(["apply", "double"]);
    const [{ args, extras } = expect.unreachable()] = decodeCalls(structuredClone(calls));
    if (extras === undefined) return expect.unreachable("there is something to rebuild");
    expect(extras).toEqual({ marks: { functions: [0, resolve(double).id] } });
    const byId = new Map([[resolve(double).id, double]]);
    expect(unpackValues(args, extras.marks, (id) => byId.get(id))).toEqual([double, 21]);
    encoder.defined(define!);
    expect(encoder.encode([call(double, [1])], 0).define).toBeUndefined();
  });

  test("a call's own name and its Buffers are noted", () => {
    const { calls } = new FrameEncoder(resolve).encode(
      [call(add, [Buffer.from("a")], { name: "mine" }), call(add, [1], { name: "only the name" })],
      0,
    );
    const extras = decodeCalls(calls).map((one) => one.extras);
    expect(extras).toEqual([{ marks: { buffers: [0] }, name: "mine" }, { name: "only the name" }]);
  });

  test("a call that somebody may end is marked", () => {
    const ended = call(double, [1]);
    ended.watch = { waiting() {}, pausing() {}, takenBack() {}, sent() {}, stop() {} };
    const { calls } = new FrameEncoder(resolve).encode([call(add, [1, 2]), ended], 0);
    expect(decodeCalls(calls).map(({ guarded, args }) => [guarded, args])).toEqual([
      [false, [1, 2]],
      [true, [1]],
    ]);
  });

  test("what moves is listed for the whole frame", () => {
    const [one, two] = [new ArrayBuffer(1), new ArrayBuffer(2)];
    const calls = [
      call(add, [transfer({ one }, [one])]),
      call(add, [1]),
      call(add, [transfer({ two }, [two])]),
    ];
    const { transfer: moved } = new FrameEncoder(resolve).encode(calls, 0);
    expect(moved).toEqual([one, two]);
  });

  test("nothing is known after a function that cannot travel", () => {
    const refusal = new Error("cannot travel");
    const encoder = new FrameEncoder((fn) => {
      if (fn === double) throw refusal;
      return resolve(fn);
    });
    expect(() => encoder.encode([call(add), call(apply, [double])], 0)).toThrow(refusal);
    expect(encoder.encode([call(add)], 0).define?.functions).toHaveLength(1);
  });
});

describe("a whole call", () => {
  test("carries its functions, its arguments and what to rebuild", () => {
    const whole = encodeWholeCall(resolve(apply), [double, Buffer.from("a"), 1], resolve);
    expect(whole.functions.map(({ name }) => name)).toEqual(["apply", "double"]);
    expect(whole.args).toEqual([null, new Uint8Array([97]), 1]);
    expect(whole).toMatchObject({
      functionId: resolve(apply).id,
      marks: { buffers: [1], functions: [0, resolve(double).id] },
    });
    expect(encodeWholeCall(resolve(add), [1], resolve)).not.toHaveProperty("marks");
  });
});
