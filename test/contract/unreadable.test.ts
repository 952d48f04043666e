import { expect, test } from "vitest";
import { depth } from "../fixtures/contract/depth.mjs";
import { contract } from "./executors.ts";

interface Links {
  next: Links | undefined;
}

function links(count: number): Links {
  let first: Links = { next: undefined };
  for (let n = 1; n < count; n++) first = { next: first };
  return first;
}

contract("an argument that the worker may not be able to read", ({ make }) => {
  test("costs its own call at the most, also when it was the first of its function", async () => {
    const executor = make();
    const first = await executor.submit(depth, [links(5_000)]).then(
      (value: unknown) => value,
      (error: { code?: string }) => error.code,
    );
    expect([5_000, "ERR_OFFLOOP_SERIALIZATION"]).toContain(first);
    expect(await executor.submit(depth, [links(3)])).toBe(3);
    expect(executor.statistics().workersLost).toBe(0);
  });
});
