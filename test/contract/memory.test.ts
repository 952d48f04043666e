import { expect, test } from "vitest";
import { SerializationError, transfer } from "offloop";
import { keptBytes, makeMoved } from "../fixtures/contract/moved.mjs";
import {
  callBoth,
  callIt,
  echo,
  fillShared,
  inspectView,
  partialView,
  pooledBuffer,
  triple,
  typeOf,
} from "../fixtures/contract/values.mjs";
import { contract } from "./executors.ts";
import { rejection } from "./waits.ts";

contract("buffers and views", ({ shared }) => {
  test("a Buffer arrives as a Buffer that has its memory to itself", async () => {
    const seen = await shared().submit(inspectView, [Buffer.from("abc")]);
    expect(seen).toEqual({ type: "Uint8Array", isBuffer: true, byteLength: 3, memory: 3, first: 97 });
  });

  test("a partial view is cut to itself", async () => {
    const part = new Uint16Array(new ArrayBuffer(8192), 64, 3).fill(258);
    const seen = await shared().submit(inspectView, [part]);
    expect(seen).toEqual({ type: "Uint16Array", isBuffer: false, byteLength: 6, memory: 6, first: 2 });
    expect(part.buffer.byteLength).toBe(8192);
  });

  test.each([
    ["Float64Array", new Float64Array(1000).fill(1)],
    ["DataView", new DataView(new ArrayBuffer(5))],
    ["BigInt64Array", new BigInt64Array(3).fill(1n)],
    ["Uint8Array", new Uint8Array(0)],
  ])("a whole %s stays what it is", async (type, view) => {
    const seen = await shared().submit(inspectView, [view]);
    expect(seen).toMatchObject({
      type,
      isBuffer: false,
      byteLength: view.byteLength,
      memory: view.byteLength,
    });
  });

  test("results too", async () => {
    const pooled = await shared().submit(pooledBuffer, []);
    expect(Buffer.isBuffer(pooled)).toBe(true);
    expect([String(pooled), pooled.buffer.byteLength]).toEqual(["few", 3]);
    const part = await shared().submit(partialView, []);
    expect(part).toEqual(new Uint16Array([7, 7]));
    expect(part.buffer.byteLength).toBe(4);
    const large = await shared().submit(echo, [Buffer.alloc(1_000_001, 1)]);
    expect([Buffer.isBuffer(large), large.length, large.buffer.byteLength]).toEqual([
      true,
      1_000_001,
      1_000_001,
    ]);
  });
});

contract("functions as arguments", ({ shared }) => {
  test("arrive callable", async () => {
    expect(await shared().submit(callIt, [triple, 5])).toBe(15);
  });

  test("several at once, known ones and new ones", async () => {
    expect(await shared().submit(callBoth, [4, triple, Math.sqrt])).toEqual([12, 2]);
    expect(await shared().submit(typeOf, [Math.cos])).toBe("function");
  });
});

contract("moved memory", ({ shared, sharesMemory }) => {
  test("an argument leaves this side where memory can move", async () => {
    const bytes = new Uint8Array(5000).fill(9);
    const seen = await shared().submit(inspectView, [transfer(bytes, [bytes.buffer])]);
    expect(seen).toMatchObject({ byteLength: 5000, first: 9 });
    expect(bytes.byteLength).toBe(sharesMemory ? 0 : 5000);
  });

  test("a result leaves the other side where memory can move", async () => {
    const bytes = await shared().submit(makeMoved, [3000]);
    expect([bytes.byteLength, bytes[0]]).toEqual([3000, 5]);
    expect(await shared().submit(keptBytes, [])).toBe(sharesMemory ? 0 : 3000);
  });

  test("a part of an argument can be named", async () => {
    const inner = new Uint8Array(1000).fill(2);
    const back = await shared().submit(echo, [transfer({ inner }, [inner.buffer])]);
    expect([back.inner.byteLength, back.inner[0]]).toEqual([1000, 2]);
    expect(inner.byteLength).toBe(sharesMemory ? 0 : 1000);
  });

  test.runIf(sharesMemory)("what is gone already is refused, and the worker stays free", async () => {
    const bytes = new Uint8Array(1000);
    structuredClone(bytes, { transfer: [bytes.buffer] });
    const error = await rejection(shared().submit(echo, [transfer(bytes, [bytes.buffer])]));
    expect(error).toBeInstanceOf(SerializationError);
    expect(error).toMatchObject({ direction: "argument" });
    expect(await shared().submit(triple, [1])).toBe(3);
  });

  test("shared memory is shared, or refused where it cannot be", async () => {
    const memory = new SharedArrayBuffer(4);
    const task = shared().submit(fillShared, [memory]);
    if (sharesMemory) {
      await task;
      expect([...new Uint8Array(memory)]).toEqual([7, 7, 7, 7]);
    } else {
      const error = await rejection(task);
      expect(error).toBeInstanceOf(SerializationError);
      expect(error).toMatchObject({ direction: "argument", path: "args[0]" });
      expect((error as Error).message).toContain("only threads");
      const view = await rejection(shared().submit(echo, [{ bytes: new Uint8Array(memory) }]));
      expect(view).toMatchObject({ code: "ERR_OFFLOOP_SERIALIZATION", path: "args[0].bytes" });
      const top = await rejection(shared().submit(echo, [new Uint8Array(memory, 1)]));
      expect(top).toMatchObject({ code: "ERR_OFFLOOP_SERIALIZATION", path: "args[0]" });
      expect(await shared().submit(triple, [1])).toBe(3);
    }
  });
});
