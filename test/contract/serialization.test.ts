import { MessageChannel } from "node:worker_threads";
import { SerializationError } from "offloop";
import { expect, test } from "vitest";
import { depthOf, echo, makeUncloneable, nest, triple } from "../fixtures/contract/values.mjs";
import { contract } from "./executors.ts";
import { rejection } from "./waits.ts";

const CASES: [Parameters<typeof makeUncloneable>[0], string][] = [
  ["symbol", ""],
  ["nested", ".rows[1].format"],
  ["map", '.get("key").call'],
  ["weak", ""],
  ["promise", "[0]"],
  ["proxy", ".target"],
  ["getter", ".trouble"],
];

contract("what cannot be copied", ({ shared }) => {
  test.each(CASES)("an argument: %s", async (kind, path) => {
    const task = shared().submit(echo, [makeUncloneable(kind)]);
    const error = await rejection(task);
    expect(error).toBeInstanceOf(SerializationError);
    expect(error).toMatchObject({ code: "ERR_OFFLOOP_SERIALIZATION", direction: "argument" });
    expect(error).toMatchObject({ path: `args[0]${path}` });
    expect(task.state).toBe("rejected");
  });

  test("the argument that it was", async () => {
    const error = await rejection(shared().submit(Math.max, [1, 2, { deep: new WeakSet() } as never]));
    expect(error).toMatchObject({ path: "args[2].deep" });
  });

  test.each([["function", ""] as const, ...CASES])("a result: %s", async (kind, path) => {
    const error = await rejection(shared().submit(makeUncloneable, [kind]));
    expect(error).toBeInstanceOf(SerializationError);
    expect(error).toMatchObject({
      code: "ERR_OFFLOOP_SERIALIZATION",
      direction: "result",
      path: `result${path}`,
    });
  });

  test("what lives in this process only, nested or not", async () => {
    const { port1, port2 } = new MessageChannel();
    expect(await rejection(shared().submit(echo, [port1]))).toMatchObject({ path: "args[0]" });
    expect(await rejection(shared().submit(echo, [{ port2 }]))).toMatchObject({ path: "args[0].port2" });
    port1.close();
  });

  test("the worker stays, and its place is free", async () => {
    const before = shared().submit(triple, [1]);
    await before;
    await rejection(shared().submit(echo, [{ method() {} }]));
    await rejection(shared().submit(makeUncloneable, ["nested"]));
    const after = shared().submit(triple, [1]);
    expect(await after).toBe(3);
    expect(after.workerId).toBe(before.workerId);
    expect(shared().statistics()).toMatchObject({ workersStarted: 1, running: 0, pending: 0 });
  });
});

// What one side can still write, the other may not be able to read: their stacks differ. 1 500 to 4 000 links, depending
// on the version of Node and on the side, so both sides of each limit are met.
const DEPTHS = [1_200, 1_400, 1_600, 1_800, 2_100, 2_500, 3_000, 4_000, 5_000, 20_000, 100_000];

contract("data that is nested very deeply", ({ shared }) => {
  test.each(DEPTHS)("an argument of %i links arrives or is refused", async (depth) => {
    const task = shared().submit(depthOf, [nest(depth)]);
    await expectOrRefusal(task, depth);
    expect(await shared().submit(triple, [1])).toBe(3);
  });

  test.each(DEPTHS)("a result of %i links arrives or is refused", async (depth) => {
    await expectOrRefusal(shared().submit(nest, [depth]).then(depthOf), depth);
    expect(await shared().submit(triple, [1])).toBe(3);
  });

  test("costs no worker", () => {
    expect(shared().statistics()).toMatchObject({ workersStarted: 1, workersLost: 0 });
  });
});

async function expectOrRefusal(depthThatArrived: PromiseLike<number>, depth: number): Promise<void> {
  try {
    expect(await depthThatArrived).toBe(depth);
  } catch (error) {
    expect(error).toBeInstanceOf(SerializationError);
    expect(depth).toBeGreaterThan(1_200);
  }
}
