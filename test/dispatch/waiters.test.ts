import { Waiters } from "#internal/dispatch/waiters";
import { describe, expect, test } from "vitest";

/** Which of the named promises have settled by now, and how. */
async function settled(promises: Readonly<Record<string, Promise<void>>>): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  for (const [name, promise] of Object.entries(promises)) {
    promise.then(
      () => (seen[name] = "resolved"),
      (error: Error) => (seen[name] = error.message),
    );
  }
  await new Promise((resolve) => setImmediate(resolve));
  return seen;
}

describe("waiters", () => {
  test("for workers are told together", async () => {
    const waiters = new Waiters();
    expect(waiters.waitForWorkers).toBe(false);
    const promises = { one: waiters.ready(), other: waiters.ready(), idle: waiters.idle() };
    expect(waiters.waitForWorkers).toBe(true);
    waiters.haveWorkers();
    expect(await settled(promises)).toEqual({ one: "resolved", other: "resolved" });
    expect(waiters.waitForWorkers).toBe(false);
  });

  test("or fail together, and once", async () => {
    const waiters = new Waiters();
    const promises = { one: waiters.ready(), other: waiters.ready(), idle: waiters.idle() };
    waiters.failed(new Error("no workers"));
    waiters.failed(new Error("later"));
    waiters.haveWorkers();
    expect(await settled(promises)).toEqual({ one: "no workers", other: "no workers" });
    expect(waiters.waitForWorkers).toBe(false);
  });

  test("for idleness are told while others wait until all is drained", async () => {
    const waiters = new Waiters();
    const promises = { idle: waiters.idle(), drained: waiters.drained() };
    expect(waiters.waitForIdle).toBe(true);
    waiters.becameIdle();
    expect(waiters.waitForIdle).toBe(false);
    expect(await settled(promises)).toEqual({ idle: "resolved" });
    waiters.becameDrained();
    expect(await settled(promises)).toEqual({ idle: "resolved", drained: "resolved" });
  });

  test("those that wait for the end of work are told each time anew", async () => {
    const waiters = new Waiters();
    const first = waiters.idle();
    waiters.becameIdle();
    const second = waiters.idle();
    expect(await settled({ first, second })).toEqual({ first: "resolved" });
    waiters.becameIdle();
    expect(await settled({ second })).toEqual({ second: "resolved" });
  });
});
