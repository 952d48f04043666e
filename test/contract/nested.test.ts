import { threadId } from "node:worker_threads";
import { setDefaultExecutor, shutdownDefaultExecutors } from "offloop";
import { afterAll, expect, test } from "vitest";
import {
  callDefault,
  callMany,
  callThroughPool,
  callWithSignal,
  callWrapped,
  catchInner,
  outerAndInnerIds,
  wrapped,
} from "../fixtures/contract/nested.mjs";
import { contract } from "./executors.ts";

const here = `${process.pid}/${threadId}`;

contract("a call inside of a task", ({ shared, make, apart }) => {
  test.each(["thread", "process", "inline"] as const)(
    "to a %s pool of its module runs right there",
    async (kind) => {
      const { outer, inner, state, started } = await shared().submit(callThroughPool, [kind]);
      expect(inner).toBe(outer);
      expect(outer === here).toBe(!apart);
      expect(state).toBe("fulfilled");
      expect(started).toBe(0);
    },
  );

  test("of a threaded function runs right there, however deep", async () => {
    const places = await shared().submit(callWrapped, [5]);
    expect(places).toHaveLength(6);
    expect(new Set(places).size).toBe(1);
    expect(places[0] === here).toBe(!apart);
  });

  test("to the default executor runs right there", async () => {
    expect(await shared().submit(callDefault, [2])).toBe(7);
  });

  test("may be one of many", async () => {
    expect(await shared().submit(callMany, [200])).toBe(200);
  });

  test("fails as it would anywhere", async () => {
    expect(await shared().submit(catchInner, [])).toBe(true);
    expect(await shared().submit(callWithSignal, [])).toEqual({ state: "cancelled", reason: "no" });
  });

  test("leaves the task what it was", async () => {
    const task = shared().submit(outerAndInnerIds, []);
    expect(await task).toEqual({ outer: task.id, after: task.id });
  });

  test("of a threaded function to its own executor, with one worker", async () => {
    setDefaultExecutor(make());
    const places = await wrapped(3);
    expect(new Set(places).size).toBe(1);
    expect(places).toHaveLength(4);
    expect(places[0] === here).toBe(!apart);
  });

  afterAll(() => shutdownDefaultExecutors());
});
