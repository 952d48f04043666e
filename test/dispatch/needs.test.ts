import { describe, expect, test } from "vitest";
import { setup, type Setup } from "./fake-workers.ts";

function twoWorkers(): Setup {
  const bench = setup({ maxWorkers: 2 });
  void bench.submit();
  void bench.submit();
  for (const link of bench.driver.links) link.ready();
  return bench;
}

describe("a call that waits needs", () => {
  test("any worker, when it has no key", () => {
    const { submit, dispatcher } = twoWorkers();
    expect(dispatcher.needs(submit())).toBe("any");
    expect(dispatcher.needs(submit("ranked", { priority: 1 }))).toBe("any");
  });

  test("its key's worker", () => {
    const { submit, driver, dispatcher } = twoWorkers();
    const [first, second] = driver.links;
    second!.answer();
    void submit("a1", { key: "a" });
    expect(second!.sent).toContain("a1");
    expect(dispatcher.needs(submit("a2", { key: "a" }))).toEqual({ oneOf: [second!.id] });
    second!.answer();
    second!.answer();
    // It has none of the key's calls any more, and is its worker all the same.
    void submit("other");
    first!.answer();
    expect(dispatcher.needs(submit("a3", { key: "a" }))).toEqual({ oneOf: [second!.id] });
  });

  test("a worker that no other key has, when none can be started", () => {
    const { submit, driver, dispatcher } = twoWorkers();
    const [first, second] = driver.links;
    second!.answer();
    // With two workers these keys are in two lanes; that is the hash's.
    void submit("a1", { key: "a" });
    second!.answer();
    const waits = submit("b1", { key: "b" });
    expect(waits.state).toBe("pending");
    expect(dispatcher.needs(waits)).toEqual({ oneOf: [first!.id] });
  });

  test("any worker, when one can be started for its key", () => {
    const { submit, firstReady, dispatcher } = setup({ maxWorkers: 3 });
    firstReady();
    void submit();
    expect(dispatcher.needs(submit("a1", { key: "a" }))).toBe("any");
  });

  test("the end of all calls with keys, when the lanes were changed", () => {
    const { submit, driver, dispatcher } = twoWorkers();
    driver.links[1]!.answer();
    void submit("a1", { key: "a" });
    dispatcher.resize({ maxWorkers: 3 });
    expect(dispatcher.needs(submit("b1", { key: "b" }))).toEqual({ allOf: [driver.links[1]!.id] });
  });
});
