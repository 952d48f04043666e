import { type AnyFunction, functionHandle, type FunctionHandle } from "#internal/core/function-handle";
import { Task, type TaskOwner } from "#internal/core/task";
import type { CallOptions } from "#internal/core/call-options";
import { decodeCalls, encodeWholeCall, FrameEncoder, type ResolveFunction } from "#internal/wire/frames";
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

const add = (a: number, b: number): number => a + b;
const double = (n: number): number => n * 2;
const apply = (fn: (n: number) => number, n: number): number => fn(n);

describe("frames", () => {
  test("any number of calls arrive in their order, with their arguments", () => {
    const encoder = new FrameEncoder(resolve);
    const tasks = [call(add, [1, 2]), call(double, [3]), call(add, []), call(double, [{ deep: [4] }])];
    const { calls, transfer: moved } = encoder.encode(tasks);
    const received = [...decodeCalls(structuredClone(calls))];
    expect(received).toEqual(
      tasks.map(({ id, handle, args }) => ({ taskId: id, functionId: handle.id, args, extras: 0 })),
    );
    expect(moved).toEqual([]);
  });

  test("no call is no call", () => {
    const { define, calls } = new FrameEncoder(resolve).encode([]);
    expect(define).toBeUndefined();
    expect([...decodeCalls(calls)]).toEqual([]);
  });

  test("a function is described until that has left, and then no more", () => {
    const encoder = new FrameEncoder(resolve);
    const described = (...fns: AnyFunction[]): unknown => ({
      type: "define",
      functions: fns
        .map(resolve)
        .map(({ id, name }) => ({ id, name, reference: { url: `file:///${name}.js` } })),
    });
    expect(encoder.encode([call(add)]).define).toEqual(described(add));
    const { define } = encoder.encode([call(add)]);
    expect(define).toEqual(described(add));
    encoder.defined(define!);
    expect(encoder.encode([call(add)]).define).toBeUndefined();
    expect(encoder.encode([call(double), call(add)]).define).toEqual(described(double));
    // Another worker knows nothing.
    expect(new FrameEncoder(resolve).encode([call(add)]).define).toEqual(described(add));
  });

  test("within one frame a function is described once", () => {
    const { define } = new FrameEncoder(resolve).encode([
      call(add),
      call(apply, [double, 1]),
      call(double),
      call(add),
    ]);
    expect(define?.functions.map(({ name }) => name)).toEqual(["add", "apply", "double"]);
  });

  test("a function among the arguments is described too, and an id on the way", () => {
    const encoder = new FrameEncoder(resolve);
    const { define, calls } = encoder.encode([call(apply, [double, 21])]);
    expect(define?.functions.map(({ name }) => name)).toEqual(["apply", "double"]);
    const [{ args, extras } = expect.unreachable()] = [...decodeCalls(structuredClone(calls))];
    if (extras === 0) return expect.unreachable("there is something to rebuild");
    expect(extras).toEqual({ marks: { functions: [0, resolve(double).id] } });
    const byId = new Map([[resolve(double).id, double]]);
    expect(unpackValues(args, extras.marks, (id) => byId.get(id))).toEqual([double, 21]);
    encoder.defined(define!);
    expect(encoder.encode([call(double, [1])]).define).toBeUndefined();
  });

  test("a call's own name and its Buffers are noted", () => {
    const { calls } = new FrameEncoder(resolve).encode([
      call(add, [Buffer.from("a")], { name: "mine" }),
      call(add, [1], { name: "only the name" }),
    ]);
    const extras = [...decodeCalls(calls)].map((one) => one.extras);
    expect(extras).toEqual([{ marks: { buffers: [0] }, name: "mine" }, { name: "only the name" }]);
  });

  test("what moves is listed for the whole frame", () => {
    const [one, two] = [new ArrayBuffer(1), new ArrayBuffer(2)];
    const { transfer: moved } = new FrameEncoder(resolve).encode([
      call(add, [transfer({ one }, [one])]),
      call(add, [1]),
      call(add, [transfer({ two }, [two])]),
    ]);
    expect(moved).toEqual([one, two]);
  });

  test("nothing is known after a function that cannot travel", () => {
    const refusal = new Error("cannot travel");
    const encoder = new FrameEncoder((fn) => {
      if (fn === double) throw refusal;
      return resolve(fn);
    });
    expect(() => encoder.encode([call(add), call(apply, [double])])).toThrow(refusal);
    expect(encoder.encode([call(add)]).define?.functions).toHaveLength(1);
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
