import { systemClock } from "#internal/core/clock";
import { FakeClock } from "#internal/testing/fake-clock";
import { describe, expect, test } from "vitest";

const referencedTimers = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;

describe("system clock", () => {
  test("never goes back, and knows when it began", () => {
    const first = systemClock.now();
    expect(systemClock.now()).toBeGreaterThanOrEqual(first);
    expect(Math.abs(systemClock.timeOrigin + systemClock.now() - Date.now())).toBeLessThan(60_000);
  });

  test("calls back once", async () => {
    let calls = 0;
    await new Promise<void>((resolve) => {
      const stop = systemClock.after(0, () => {
        calls++;
        resolve();
      });
      expect(calls).toBe(0);
      void stop;
    });
    expect(calls).toBe(1);
  });

  test("a stopped timer does not call, and may be stopped again", async () => {
    let calls = 0;
    const stop = systemClock.after(0, () => calls++);
    stop();
    stop();
    await new Promise<void>((resolve) => systemClock.after(2, resolve));
    expect(calls).toBe(0);
  });

  test("holds no process, and takes any delay without a warning", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on("warning", onWarning);
    const before = referencedTimers();
    const stops = [2 ** 31, 1e15, Infinity].map((ms) =>
      systemClock.after(ms, () => expect.unreachable("fired early")),
    );
    expect(referencedTimers()).toBe(before);
    await new Promise<void>((resolve) => systemClock.after(2, resolve));
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
    for (const stop of stops) stop();
  });
});

describe("fake clock", () => {
  test("stands still until it is moved", async () => {
    const clock = new FakeClock();
    let calls = 0;
    clock.after(0, () => calls++);
    expect([clock.now(), calls]).toEqual([0, 0]);
    await clock.advance(0);
    expect([clock.now(), calls]).toEqual([0, 1]);
    await clock.advance(2.5);
    expect(clock.now()).toBe(2.5);
  });

  test("shows each timer its own time, and lets promises that it settled go first", async () => {
    const clock = new FakeClock();
    const seen: string[] = [];
    clock.after(20, () => seen.push(`b ${clock.now()}`));
    clock.after(10, () => {
      seen.push(`a ${clock.now()}`);
      void Promise.resolve()
        .then(() => {})
        .then(() => seen.push(`promise ${clock.now()}`));
      clock.after(5, () => seen.push(`nested ${clock.now()}`));
    });
    await clock.advance(100);
    expect(seen).toEqual(["a 10", "promise 10", "nested 15", "b 20"]);
  });

  test("lets promises that had settled before go first: they may stop a timer, or set one", async () => {
    const clock = new FakeClock();
    const seen: string[] = [];
    const stop = clock.after(10, () => seen.push("stopped too late"));
    void Promise.resolve().then(() => {
      stop();
      clock.after(5, () => seen.push(`set in time ${clock.now()}`));
    });
    await clock.advance(20);
    expect(seen).toEqual(["set in time 5"]);
  });

  test("fires timers of one time in the order in which they were set", async () => {
    const clock = new FakeClock();
    const seen: number[] = [];
    for (const id of [1, 2, 3]) clock.after(5, () => seen.push(id));
    await clock.advance(5);
    expect(seen).toEqual([1, 2, 3]);
  });

  test("does not fire what was stopped, not even by a timer of the same time", async () => {
    const clock = new FakeClock();
    const seen: string[] = [];
    let stop = (): void => {};
    clock.after(5, () => {
      seen.push("first");
      stop();
    });
    stop = clock.after(5, () => seen.push("second"));
    await clock.advance(5);
    expect(seen).toEqual(["first"]);
  });

  test.each([-1, NaN])("refuses to move by %s", async (ms) => {
    await expect(new FakeClock().advance(ms)).rejects.toThrow(RangeError);
  });
});
