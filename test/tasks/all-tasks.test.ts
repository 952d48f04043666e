import { ProcessPoolExecutor, ThreadPoolExecutor } from "offloop";
import { allTasks, gather, sleep, TaskGroup } from "offloop/tasks";
import { expect, test } from "vitest";

function forever(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

test.each([[ThreadPoolExecutor], [ProcessPoolExecutor]])(
  "calls of a %o: what runs and what waits",
  async (Pool) => {
    await using pool = new Pool({ maxWorkers: 1, minWorkers: 1, nice: 0 });
    await pool.ready();
    const [running, waiting] = ["running", "waiting"].map((name) => pool.submit(forever, [], { name }));
    expect([...allTasks()]).toEqual([running, waiting]);
    for (const task of allTasks()) expect(task.cancel()).toBe(true);
    expect(allTasks().size).toBe(0);
    await expect(gather([running!, waiting!], { returnErrors: true })).resolves.toMatchObject([
      { name: "AbortError" },
      { name: "AbortError" },
    ]);
  },
);

test("those of groups come first", async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1, nice: 0 });
  const call = pool.submit(forever, []);
  const group = new TaskGroup();
  const child = group.spawn((signal) => sleep(60_000, undefined, { signal }));
  expect([...allTasks()].map((task) => [task === call, task === child])).toEqual([
    [false, true],
    [true, false],
  ]);
  for (const task of allTasks()) task.cancel();
  await expect(call).rejects.toThrow();
  await group.join();
});
