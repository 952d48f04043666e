import { Deadlines } from "#internal/core/deadlines";
import type { Clock } from "#internal/core/clock";
import { FakeClock } from "#internal/testing/fake-clock";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { Random } from "../random.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** How many timers the clock holds at once, at the most. */
function counting(clock: FakeClock): { readonly clock: Clock; readonly most: () => number } {
  let [held, most] = [0, 0];
  return {
    clock: {
      timeOrigin: clock.timeOrigin,
      now: () => clock.now(),
      after(delayMs, callback) {
        let over = false;
        const release = (): void => {
          if (!over) held--;
          over = true;
        };
        most = Math.max(most, ++held);
        const stop = clock.after(delayMs, () => {
          release();
          callback();
        });
        return () => {
          release();
          stop();
        };
      },
    },
    most: () => most,
  };
}

describe("deadlines", () => {
  test("fire once, in order of time, each at its own time", async () => {
    const clock = new FakeClock();
    const deadlines = new Deadlines(clock);
    const fired: [string, number][] = [];
    for (const [name, ms] of [
      ["c", 30],
      ["a", 10],
      ["b", 20],
    ] as const) {
      deadlines.after(ms, () => fired.push([name, clock.now()]));
    }
    await clock.advance(9);
    expect(fired).toEqual([]);
    await clock.advance(91);
    expect(fired).toEqual([
      ["a", 10],
      ["b", 20],
      ["c", 30],
    ]);
    await clock.advance(1_000);
    expect(fired).toHaveLength(3);
  });

  test("a stopped one never fires, and may be stopped again", async () => {
    const clock = new FakeClock();
    const deadlines = new Deadlines(clock);
    const fired: string[] = [];
    const stopped = deadlines.after(10, () => fired.push("stopped"));
    const kept = deadlines.after(20, () => fired.push("kept"));
    stopped.stop();
    stopped.stop();
    await clock.advance(30);
    expect(fired).toEqual(["kept"]);
    kept.stop();
  });

  test("one that is due together with another can still be stopped by it", async () => {
    const clock = new FakeClock();
    const deadlines = new Deadlines(clock);
    const fired: string[] = [];
    const pair = ["first", "second"].map((name) =>
      deadlines.after(10, () => {
        fired.push(name);
        for (const deadline of pair) deadline.stop();
      }),
    );
    await clock.advance(10);
    expect(fired).toHaveLength(1);
  });

  test("one may be set, and all be cleared, while another fires", async () => {
    const clock = new FakeClock();
    const deadlines = new Deadlines(clock);
    const fired: string[] = [];
    deadlines.after(10, () => {
      fired.push("first");
      deadlines.after(0, () => fired.push("at once"));
      deadlines.after(5, () => fired.push("later"));
    });
    await clock.advance(10);
    expect(fired).toEqual(["first", "at once"]);
    await clock.advance(5);
    expect(fired).toEqual(["first", "at once", "later"]);
    deadlines.after(5, () => deadlines.clear());
    deadlines.after(5, () => fired.push("cleared"));
    deadlines.after(6, () => fired.push("cleared"));
    await clock.advance(10);
    expect(fired.filter((name) => name === "cleared").length).toBeLessThanOrEqual(1);
    deadlines.after(1, () => fired.push("after clear"));
    await clock.advance(1);
    expect(fired.at(-1)).toBe("after clear");
  });

  test("10 000 with the same time all fire, on one timer", async () => {
    const fake = new FakeClock();
    const { clock, most } = counting(fake);
    const deadlines = new Deadlines(clock);
    let fired = 0;
    for (let count = 0; count < 10_000; count++) deadlines.after(5, () => fired++);
    await fake.advance(4);
    expect(fired).toBe(0);
    await fake.advance(1);
    expect(fired).toBe(10_000);
    expect(most()).toBe(1);
  });

  test("those that fire are those that were not stopped, in order, over random fractions of a millisecond", async () => {
    const random = new Random(2);
    const clock = new FakeClock();
    const deadlines = new Deadlines(clock);
    const due = new Map<number, number>();
    const fired: number[] = [];
    let early = 0;
    for (let id = 0; id < 5_000; id++) {
      const at = clock.now() + random.next() * 50;
      due.set(id, at);
      const deadline = deadlines.after(at - clock.now(), () => {
        if (clock.now() < deadline.at) early++;
        fired.push(id);
      });
      if (random.next() < 0.5) {
        deadline.stop();
        due.delete(id);
      }
      if (id % 100 === 0) await clock.advance(random.next());
    }
    await clock.advance(60);
    expect(early).toBe(0);
    expect(fired.toSorted((a, b) => a - b)).toEqual([...due.keys()]);
    const times = fired.map((id) => due.get(id)!);
    // Rounding of `now + delay` may swap two that lie within it.
    expect(times.every((time, index) => index === 0 || time >= times[index - 1]! - 1e-9)).toBe(true);
  });

  test("stopped ones are forgotten while others come, long before their time", async () => {
    const clock = new FakeClock();
    const deadlines = new Deadlines(clock);
    const stopped: WeakRef<object>[] = [];
    for (let count = 0; count < 1_000; count++) {
      const deadline = deadlines.after(1e9, () => {});
      deadline.stop();
      stopped.push(new WeakRef(deadline));
    }
    // A WeakRef made in this turn of the event loop still holds.
    await clock.advance(1);
    collectGarbage();
    expect(stopped.filter((one) => one.deref() !== undefined).length).toBeLessThan(200);
  });

  test("a clock that calls too early is asked again", () => {
    let now = 0;
    const callbacks: (() => void)[] = [];
    const clock: Clock = {
      timeOrigin: 0,
      now: () => now,
      after(_delayMs, callback) {
        callbacks.push(callback);
        return () => {};
      },
    };
    const deadlines = new Deadlines(clock);
    let fired = 0;
    deadlines.after(10, () => fired++);
    now = 9.7;
    callbacks.shift()!();
    expect(fired).toBe(0);
    now = 10;
    callbacks.shift()!();
    expect(fired).toBe(1);
    expect(callbacks).toEqual([]);
  });
});
