import { InlineExecutor } from "offloop";
import { expect, test } from "vitest";

/** As test runners have in the realms that they make, and polyfills everywhere: not an instance of the global class. */
class ForeignSignal extends EventTarget {
  aborted = false;
  reason: unknown = undefined;
  get [Symbol.toStringTag](): string {
    return "AbortSignal";
  }
  abort(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    this.dispatchEvent(new Event("abort"));
  }
}

test("a signal of another realm cancels", async () => {
  const executor = new InlineExecutor();
  const foreign = new ForeignSignal();
  const reason = new Error("enough");
  const task = executor.submit(() => 1, [], { signal: foreign as unknown as AbortSignal });
  foreign.abort(reason);
  await expect(task).rejects.toBe(reason);
  const late = executor.submit(() => 1, [], { signal: foreign as unknown as AbortSignal });
  await expect(late).rejects.toBe(reason);
  await executor.shutdown();
});

test("what only looks like one is none", async () => {
  const executor = new InlineExecutor();
  const named = { [Symbol.toStringTag]: "AbortSignal" } as unknown as AbortSignal;
  expect(() => executor.submit(() => 1, [], { signal: named })).toThrow(TypeError);
  await executor.shutdown();
});
