import { ThreadPoolExecutor } from "offloop";
import { gate, waitAt } from "offloop/testing";
import { expect, test } from "vitest";

test("one that opens just when a task arrives lets it through", async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1, nice: 0 });
  const still = new Int32Array(new SharedArrayBuffer(4));
  for (let at = 0; at < 400; at++) {
    const held = gate();
    const task = pool.submit(waitAt, [held.token]);
    // From before to after its arrival.
    Atomics.wait(still, 0, 0, at / 1_000);
    held.open();
    expect(await task).toBe(undefined);
  }
});

test("one that is open holds nobody", async () => {
  const held = gate();
  held.open();
  await waitAt(held.token);
});
