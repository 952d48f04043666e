import { type Executor, ProcessPoolExecutor, ThreadPoolExecutor, TravelError } from "offloop";
import { describe, expect, test } from "vitest";
import { triple } from "../fixtures/contract/values.mjs";

/** Something to look up in vain that sees what has been started by then. */
function looking(pool: Executor): { fn: (n: number) => number; started: () => number | undefined } {
  let started: number | undefined;
  const fn = (n: number): number => n + 1;
  // oxlint-disable-next-line unicorn/no-thenable -- what a lookup asks for
  Object.defineProperty(fn, "then", {
    get: () => void (started ??= pool.statistics().workers.length),
    configurable: true,
  });
  return { fn, started: () => started };
}

describe.each([ThreadPoolExecutor, ProcessPoolExecutor])("the first worker of a %o", (Pool) => {
  test("starts before the function of its call is looked up, and stays for the next if that cannot travel", async () => {
    await using pool = new Pool({ maxWorkers: 2 });
    const { fn, started } = looking(pool);
    await expect(pool.submit(fn, [1])).rejects.toThrow(TravelError);
    expect(started()).toBe(1);
    expect(await pool.submit(triple, [1])).toBe(3);
    expect(pool.statistics().workers).toHaveLength(1);
  });

  test("is one: the call that it was started for takes it", async () => {
    await using pool = new Pool({ maxWorkers: 2 });
    await pool.submit(triple, [1]);
    expect(pool.statistics().workers).toHaveLength(1);
  });

  test("does not start for a call whose signal was aborted", async () => {
    await using pool = new Pool({ maxWorkers: 2 });
    const task = pool.submit(triple, [1], { signal: AbortSignal.abort() });
    await expect(task).rejects.toThrow();
    expect(pool.statistics().workers).toHaveLength(0);
  });
});
