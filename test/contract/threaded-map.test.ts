import { type Executor, InlineExecutor, threaded, ThreadPoolExecutor } from "offloop";
import { expect, test } from "vitest";
import { square } from "../fixtures/contract/maps.mjs";

test("map of a wrapped function: its executor and options, and those of the call", async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1, nice: 0 });
  await using other = new InlineExecutor();
  let chosen: Executor = pool;
  const wrapped = threaded(square, { executor: () => chosen, name: "squares" });
  expect(await wrapped.map([1, 2]).toReadable().toArray()).toEqual([1, 4]);
  chosen = other;
  expect(await wrapped.map([3], { name: "others", ordered: false }).toReadable().toArray()).toEqual([9]);
  expect(pool.statistics().functions).toMatchObject([{ name: "squares", calls: 2 }]);
  expect(other.statistics().functions).toMatchObject([{ name: "others", calls: 1 }]);
  expect(() => wrapped.map([1], { concurrency: -1 })).toThrow('option "concurrency"');
});
