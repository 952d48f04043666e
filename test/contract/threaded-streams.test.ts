import { type TaskStream, threaded } from "offloop";
import { expect, test } from "vitest";
import { count, countLater, counted } from "../fixtures/contract/streams.mjs";
import { contract } from "./executors.ts";
import { all, rejection } from "./waits.ts";

contract("a wrapped generator function", ({ shared }) => {
  test.each([
    ["plain", count],
    ["async", countLater],
    ["bound", count.bind(null)],
  ])("%s: a call is a stream", async (_kind, fn) => {
    const wrapped = threaded(fn as typeof count, { executor: shared });
    expect(await all(wrapped(3))).toEqual([0, 1, 2]);
  });

  test.each([
    ["plain", count],
    ["async", countLater],
  ])("%s: map is refused at once, by its executor, too", (_kind, fn) => {
    const wrapped = threaded(fn as (n: number) => Iterable<number>, { executor: shared });
    expect(() => wrapped.map([1])).toThrow(/map: fn must give one result for each item/);
    expect(() => shared().map(fn as typeof count, [1])).toThrow(`${fn.name} is a generator function`);
    expect(() => shared().map(wrapped as (n: number) => unknown, [1])).toThrow(TypeError);
  });
});

contract("a wrapped function that returns a generator", ({ shared }) => {
  // TypeScript takes it for a generator function.
  const wrapped = (): ((limit: number) => TaskStream<number>) => threaded(counted, { executor: shared });

  test("is a task, which says how it is streamed", async () => {
    expect(await rejection(wrapped()(3) as unknown as Promise<unknown>)).toMatchObject({
      code: "ERR_OFFLOOP_SERIALIZATION",
      path: "result",
      message: expect.stringContaining("executor.stream(fn, args)") as string,
    });
  });

  test("cannot be iterated, and says so where it is", async () => {
    const task = wrapped()(3) as TaskStream<number> & Promise<unknown>;
    const settled = rejection(task);
    const reading = async (): Promise<void> => {
      for await (const _item of task) throw new Error("it was iterated");
    };
    expect(await rejection(reading())).toMatchObject({
      name: "TypeError",
      message: expect.stringContaining("counted is no generator function") as string,
    });
    await settled;
  });

  test("streams by its executor", async () => {
    expect(await all(shared().stream(counted, [3]))).toEqual([0, 1, 2]);
  });
});
