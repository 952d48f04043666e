import { transfer } from "#internal/wire/transfer";
import { asBuffer, cutToItself, packValues, unpackValues } from "#internal/wire/values";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";

const noFunctions = (): number => expect.unreachable("there is no function");

/** There and through structured clone. */
function sent(values: readonly unknown[]): unknown[] {
  const functions: unknown[] = [];
  const packed = packValues(values, (fn) => functions.push(fn) - 1);
  const copy = structuredClone(packed.values, { transfer: [...(packed.transfer ?? [])] as never });
  return unpackValues(copy as unknown[], packed.marks, (id) => functions[id]);
}

interface View {
  readonly [Symbol.toStringTag]: string;
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly byteLength: number;
}
type ViewClass = new (buffer: ArrayBufferLike, offset: number, length: number) => View & ArrayBufferView;

const viewClasses = [
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float16Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
  "DataView",
].flatMap((name) => {
  const View = (globalThis as unknown as Record<string, ViewClass | undefined>)[name];
  // Float16Array is not in the oldest Node.
  return View === undefined ? [] : [[name, View] as const];
});

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): number[] => [
  ...new Uint8Array(buffer, byteOffset, byteLength),
];

describe.each(viewClasses)("a %s", (name, View) => {
  const memory = Uint8Array.from({ length: 64 }, (_, index) => index).buffer;
  const perElement = (View as unknown as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1;
  const part = (): View & ArrayBufferView => new View(memory, 8, 16 / perElement);

  test("that is a part is cut to itself, and stays what it is", () => {
    const cut = cutToItself(part()) as View;
    expect(cut[Symbol.toStringTag]).toBe(name);
    expect(cut).not.toBe(part());
    expect([cut.byteOffset, cut.byteLength, cut.buffer.byteLength]).toEqual([0, 16, 16]);
    expect(bytesOf(cut as never)).toEqual(Array.from({ length: 16 }, (_, index) => index + 8));
  });

  test("that is all of its memory is left as it is", () => {
    const whole = new View(memory, 0, 64 / perElement);
    expect(cutToItself(whole)).toBe(whole);
  });

  test("over shared memory, or over memory that moves, is left as it is", () => {
    const shared = new View(new SharedArrayBuffer(64), 8, 16 / perElement);
    expect(cutToItself(shared)).toBe(shared);
    const moving = part();
    expect(cutToItself(moving, [memory])).toBe(moving);
  });

  test("arrives with its bytes and its class", () => {
    const [arrived] = sent([part()]) as [View & ArrayBufferView];
    expect(arrived[Symbol.toStringTag]).toBe(name);
    expect(bytesOf(arrived)).toEqual(bytesOf(part()));
    expect(arrived.buffer.byteLength).toBe(16);
  });

  test("of no length is cut too", () => {
    const empty = new View(memory, 8, 0);
    expect((cutToItself(empty) as View).buffer.byteLength).toBe(0);
  });
});

describe("packed values", () => {
  test("nothing to do: the given array is used as it is", () => {
    const values = [1, "text", { a: [1] }, null, undefined, new Map(), new ArrayBuffer(4)];
    expect(packValues(values, noFunctions)).toEqual({ values, marks: undefined, transfer: undefined });
    expect(packValues(values, noFunctions).values).toBe(values);
  });

  test("the given array is not changed", () => {
    const fn = (): void => {};
    const view = new Uint8Array(64).subarray(1, 3);
    const values = [fn, view];
    packValues(values, () => 1);
    expect(values[0]).toBe(fn);
    expect(values[1]).toBe(view);
  });

  test("a Buffer arrives as a Buffer with its bytes, of the pool or not", () => {
    const [pooled, own, empty, other] = sent([
      Buffer.from("pooled"),
      Buffer.alloc(100_000, 7),
      Buffer.alloc(0),
      new Uint8Array([1, 2]),
    ]) as Uint8Array[];
    expect(Buffer.isBuffer(pooled) && String(pooled)).toBe("pooled");
    expect(pooled!.buffer.byteLength).toBe(6);
    expect(Buffer.isBuffer(own) && own.equals(Buffer.alloc(100_000, 7))).toBe(true);
    expect(Buffer.isBuffer(empty) && empty.length).toBe(0);
    expect(Buffer.isBuffer(other)).toBe(false);
  });

  test("a Buffer over shared memory stays shared", () => {
    const shared = new SharedArrayBuffer(16);
    const [arrived] = sent([Buffer.from(shared, 4, 4)]) as [Buffer];
    expect(Buffer.isBuffer(arrived)).toBe(true);
    new Uint8Array(shared)[4] = 9;
    expect(arrived[0]).toBe(9);
    expect(arrived.byteOffset).toBe(4);
  });

  test("what moves is listed, whole, and gone on this side", () => {
    const bytes = new Uint8Array(64);
    const part = bytes.subarray(8, 16);
    const packed = packValues([1, transfer(part, [bytes.buffer])], noFunctions);
    expect(packed.transfer).toEqual([bytes.buffer]);
    expect(packed.values[1]).toBe(part);
    const [, arrived] = sent([1, part]) as [number, Uint8Array];
    expect([arrived.byteOffset, arrived.length, bytes.byteLength]).toEqual([8, 8, 0]);
  });

  test("a Buffer that moves arrives as a Buffer", () => {
    const buffer = Buffer.from(new ArrayBuffer(8));
    const [arrived] = sent([transfer(buffer, [buffer.buffer])]);
    expect(Buffer.isBuffer(arrived)).toBe(true);
    expect(buffer.byteLength).toBe(0);
  });

  test("lists of several arguments come together", () => {
    const [one, two] = [new ArrayBuffer(1), new ArrayBuffer(2)];
    const values = [transfer({ one }, [one]), 5, transfer({ two }, [two])];
    expect(packValues(values, noFunctions).transfer).toEqual([one, two]);
  });

  test("functions are replaced by their ids, at any place", () => {
    const [first, second] = [(): string => "a", (): string => "b"];
    const ids = new Map<unknown, number>([
      [first, 11],
      [second, 12],
    ]);
    const packed = packValues([first, 1, second, first], (fn) => ids.get(fn)!);
    expect(packed.values).toEqual([null, 1, null, null]);
    expect(packed.marks).toEqual({ functions: [0, 11, 2, 12, 3, 11] });
    expect(sent([first, 1, second, first])).toEqual([first, 1, second, first]);
  });

  test("a function that cannot travel stops the whole call", () => {
    const refusal = new Error("cannot travel");
    const refuse = (): number => {
      throw refusal;
    };
    expect(() => packValues([1, () => {}], refuse)).toThrow(refusal);
  });

  test("a view whose class says another name is cut all the same", () => {
    class Odd extends Uint8Array {
      override get [Symbol.toStringTag](): never {
        return "Odd" as never;
      }
    }
    const part = new Odd(64).subarray(8, 16);
    const cut = cutToItself(part);
    expect(cut.byteLength).toBe(8);
    expect(cut.buffer.byteLength).toBe(8);
    expect(Object.getPrototypeOf(cut)).toBe(Uint8Array.prototype);
  });

  test("a part of another realm's memory is cut", () => {
    const foreign = runInNewContext("new Float64Array(64).subarray(8, 10)") as Float64Array;
    expect(cutToItself(foreign).buffer.byteLength).toBe(16);
  });

  test("a part of a resizable memory is cut", () => {
    const memory = new (ArrayBuffer as unknown as new (size: number, options: object) => ArrayBuffer)(16, {
      maxByteLength: 64,
    });
    const cut = cutToItself(new Uint8Array(memory, 4, 4));
    expect([cut.byteLength, cut.buffer.byteLength]).toEqual([4, 4]);
  });

  test("a view whose memory is gone is left to structured clone", () => {
    const bytes = new Uint8Array(8);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    expect(cutToItself(bytes)).toBe(bytes);
  });
});

describe("as a Buffer", () => {
  test("shares the bytes", () => {
    const bytes = new Uint8Array([0, 1, 2, 3]).subarray(1, 3);
    const buffer = asBuffer(bytes) as Buffer;
    expect(Buffer.isBuffer(buffer)).toBe(true);
    bytes[0] = 9;
    expect([...buffer]).toEqual([9, 2]);
    expect(asBuffer(buffer)).toBe(buffer);
  });

  test.each([1, "text", null, [1], new Float64Array(1)])("leaves %o as it is", (value) => {
    expect(asBuffer(value)).toBe(value);
  });
});
